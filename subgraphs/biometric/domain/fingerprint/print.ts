import { edgesBetween, pickEdges, value, type Edges } from './minutia-edges.js'
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
  /** What those are like, side by side: pairings are grown along them alone. */
  readonly near: Edges
  /** How many nearest each has. */
  readonly degree: number
}

const NEIGHBOURS = 9 // more add little but time: minutiae further off are reached over those between

export function createPrint(minutiae: readonly Minutia[]): Print {
  const size = minutiae.length
  const edges = edgesBetween(minutiae)
  const degree = Math.min(NEIGHBOURS, Math.max(0, size - 1))
  const nearest = new Int32Array(size * degree)
  for (let from = 0; from < size; from += 1) putNearest(nearest, edges, { from, size, degree })
  const types = Uint8Array.from(minutiae, ({ type }) => minutiaTypes.indexOf(type))
  return { size, types, edges, nearest, near: pickEdges(edges, nearest), degree }
}

/** Puts each edge where it belongs among those that are the nearest so far; of two as long, the one of the lesser index first. */
function putNearest(
  nearest: Int32Array,
  { length }: Edges,
  { from, size, degree }: Pick<Print, 'size' | 'degree'> & { readonly from: number },
): void {
  const begin = from * degree
  const end = begin + degree
  let filled = begin
  let furthest = Infinity // of as many as are wanted
  for (let edge = from * size; edge < (from + 1) * size; edge += 1) {
    const own = value(length, edge)
    if (own >= furthest || edge === from * (size + 1)) continue // the latter from the minutia to itself
    let at = filled < end ? filled++ : end - 1
    for (; at > begin && value(length, value(nearest, at - 1)) > own; at -= 1) nearest[at] = value(nearest, at - 1)
    nearest[at] = edge
    if (filled === end) furthest = value(length, value(nearest, end - 1))
  }
}
