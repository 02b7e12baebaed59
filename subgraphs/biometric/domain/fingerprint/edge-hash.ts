import { ANGLE_TOLERANCE, areAlike, LENGTH_TOLERANCE, value, type Edges } from './minutia-edges.js'
import type { Print } from './print.js'

/** All edges of a print, found by their shape. */
export interface EdgeHash {
  /** Calls back with every edge of the print that is like this one, in the order of their indices, until told by `false` to stop. */
  forEachAlike(edges: Edges, edge: number, found: (edge: number) => boolean): void
}

const { PI, clz32, floor, max } = Math // bound once, see minutia-edges

const ANGLE_BINS = floor((2 * PI) / ANGLE_TOLERANCE) // no narrower than the tolerance: a bin and its neighbours are enough
const BINS_OF_RADIAN = ANGLE_BINS / (2 * PI)
const NONE = -1

/**
 * Every edge stands in one bin of its length and angles, and is looked for in that and those around: most prints are looked
 * into once and thrown away, so that to put an edge in must cost little. Bins share slots, where edges are chained.
 */
export function hashEdges({ size, edges }: Print): EdgeHash {
  const keys = new Int32Array(size * size)
  const next = new Int32Array(size * size)
  const slots = new Int32Array(2 ** (32 - clz32(size * size))).fill(NONE)
  const lastSlot = slots.length - 1
  for (let edge = size * size - 1; edge >= 0; edge -= 1) {
    if (edge % (size + 1) === 0) continue // from a minutia to itself
    const key = keyOf(
      lengthBin(value(edges.length, edge)),
      angleBin(value(edges.referenceAngle, edge)),
      angleBin(value(edges.neighbourAngle, edge)),
    )
    keys[edge] = key
    next[edge] = value(slots, key & lastSlot)
    slots[key & lastSlot] = edge
  }
  const alike: number[] = []

  function gather(key: number, others: Edges, other: number): void {
    for (let edge = value(slots, key & lastSlot); edge !== NONE; edge = value(next, edge)) {
      if (value(keys, edge) === key && areAlike(edges, edge, others, other)) alike.push(edge)
    }
  }

  return {
    forEachAlike(others, other, found) {
      alike.length = 0
      const length = lengthBin(value(others.length, other))
      const reference = angleBin(value(others.referenceAngle, other)) + ANGLE_BINS
      const neighbour = angleBin(value(others.neighbourAngle, other)) + ANGLE_BINS
      for (let bin = max(0, length - 1); bin <= length + 1; bin += 1) {
        for (let one = reference - 1; one <= reference + 1; one += 1) {
          for (let two = neighbour - 1; two <= neighbour + 1; two += 1) {
            gather(keyOf(bin, one % ANGLE_BINS, two % ANGLE_BINS), others, other)
          }
        }
      }
      if (alike.length > 1) alike.sort((left, right) => left - right)
      for (const edge of alike) {
        if (!found(edge)) return
      }
    },
  }
}

function lengthBin(length: number): number {
  return floor(length / LENGTH_TOLERANCE)
}

/** Of an angle from 0 to a full turn, which one just below it may be rounded up to. */
function angleBin(angle: number): number {
  return floor(angle * BINS_OF_RADIAN) % ANGLE_BINS
}

function keyOf(length: number, reference: number, neighbour: number): number {
  return (length * ANGLE_BINS + reference) * ANGLE_BINS + neighbour
}
