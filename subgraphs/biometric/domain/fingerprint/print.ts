import { edgesBetween, value, type Edges } from './minutia-edges.js'
import { minutiaTypes, type Minutia } from './minutiae.js'

/** Minutiae made ready to be compared. */
export interface Print {
  /** How many minutiae, n. */
  readonly size: number
  readonly types: Uint8Array
  /** Between all two of them, that from i to j at `i * n + j`. */
  readonly edges: Edges
  /** From every minutia to its nearest, nearest first: the indices of those edges, those of i from `i * degree` on. */
  readonly nearest: Int32Array
  /** How many nearest each has. */
  readonly degree: number
}

const NEIGHBOURS = 9 // more add little but time: minutiae further off are reached over those between

export function createPrint(minutiae: readonly Minutia[]): Print {
  const size = minutiae.length
  const edges = edgesBetween(minutiae)
  const degree = Math.min(NEIGHBOURS, Math.max(0, size - 1))
  const nearest = new Int32Array(size * degree)
  for (let from = 0; from < size; from += 1) {
    const others = Array.from({ length: size }, (_, to) => from * size + to).filter(
      (edge) => edge !== from * size + from,
    )
    others.sort((left, right) => value(edges.length, left) - value(edges.length, right) || left - right)
    nearest.set(others.slice(0, degree), from * degree)
  }
  return { size, types: Uint8Array.from(minutiae, ({ type }) => minutiaTypes.indexOf(type)), edges, nearest, degree }
}
