import { ANGLE_TOLERANCE, areAlike, LENGTH_TOLERANCE, value, type Edges } from './minutia-edges.js'
import type { Print } from './print.js'

/** All edges of a print, found by their shape. */
export interface EdgeHash {
  /** Calls back with every edge of the print that is like this one, until told by `false` to stop. */
  forEachAlike(edges: Edges, edge: number, found: (edge: number) => boolean): void
}

const { PI, floor, max, min } = Math // bound once, see minutia-edges

const ANGLE_BINS = floor((2 * PI) / ANGLE_TOLERANCE) // no narrower than the tolerance: a bin and its neighbours are enough

/** Every edge stands in each bin it may be looked for in, so that one look-up is enough. */
export function hashEdges({ size, edges }: Print): EdgeHash {
  const bins = new Map<number, number[]>()
  for (let edge = 0; edge < size * size; edge += 1) {
    if (edge % (size + 1) === 0) continue // from a minutia to itself
    forEachBin(edges, edge, (key) => {
      const bin = bins.get(key)
      if (bin === undefined) bins.set(key, [edge])
      else bin.push(edge)
    })
  }
  return {
    forEachAlike(others, other, found) {
      const key = keyOf(
        lengthBin(value(others.length, other)),
        angleBin(value(others.referenceAngle, other)),
        angleBin(value(others.neighbourAngle, other)),
      )
      const bin = bins.get(key)
      if (bin === undefined) return
      for (const edge of bin) {
        if (areAlike(edges, edge, others, other) && !found(edge)) return
      }
    },
  }
}

/** The bins that hold any edge within the tolerances of this one. */
function forEachBin(edges: Edges, edge: number, add: (key: number) => void): void {
  const length = value(edges.length, edge)
  const reference = binsAround(value(edges.referenceAngle, edge))
  const neighbour = binsAround(value(edges.neighbourAngle, edge))
  const last = lengthBin(length + LENGTH_TOLERANCE)
  for (let bin = lengthBin(max(0, length - LENGTH_TOLERANCE)); bin <= last; bin += 1) {
    for (const one of reference) {
      for (const other of neighbour) add(keyOf(bin, one, other))
    }
  }
}

function binsAround(angle: number): readonly number[] {
  const last = angleBin(angle + ANGLE_TOLERANCE)
  const bins = [angleBin(angle - ANGLE_TOLERANCE)]
  while (bins.at(-1) !== last) bins.push(((bins.at(-1) ?? last) + 1) % ANGLE_BINS)
  return bins
}

function lengthBin(length: number): number {
  return floor(length / LENGTH_TOLERANCE)
}

function angleBin(angle: number): number {
  const share = angle / (2 * PI)
  return min(ANGLE_BINS - 1, floor((share - floor(share)) * ANGLE_BINS))
}

function keyOf(length: number, reference: number, neighbour: number): number {
  return (length * ANGLE_BINS + reference) * ANGLE_BINS + neighbour
}
