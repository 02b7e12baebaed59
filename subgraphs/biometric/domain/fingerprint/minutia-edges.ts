import type { Minutia } from './minutiae.js'

/**
 * How two minutiae lie to each other: their distance, and each one's direction against the line between them as it sees the
 * other. The same wherever the finger lies and however it is turned. In arrays, an edge by its index: millions are compared.
 */
export interface Edges {
  /** Pixels. */
  readonly length: Float32Array
  /** Radians, 0 to below 2 pi. */
  readonly referenceAngle: Float32Array
  readonly neighbourAngle: Float32Array
}

/** Edges further apart in length than this are not alike: skin stretches by about so much over a print. */
export const LENGTH_TOLERANCE = 13

/** Nor those whose angles are further apart. */
export const ANGLE_TOLERANCE = (10 / 180) * Math.PI

const { PI, abs, atan2, sqrt } = Math // bound once: within a realm of their own, as tests run in, globals are slow to look up

const FULL_TURN = 2 * PI

/**
 * The edges from every minutia to every minutia: that from i to j of n at `i * n + j`. The edge back is as long, and its angles
 * are the same two the other way about.
 */
export function edgesBetween(minutiae: readonly Minutia[]): Edges {
  const size = minutiae.length
  const length = new Float32Array(size * size)
  const referenceAngle = new Float32Array(size * size)
  const neighbourAngle = new Float32Array(size * size)
  for (let from = 0; from < size; from += 1) {
    for (let to = from + 1; to < size; to += 1) {
      const [one, other] = [minutiae[from], minutiae[to]]
      if (one === undefined || other === undefined) continue
      const [there, back] = [from * size + to, to * size + from]
      const dx = other.x - one.x
      const dy = one.y - other.y // rows count downwards, angles counter-clockwise
      const line = atan2(dy, dx)
      length[there] = length[back] = sqrt(dx * dx + dy * dy)
      referenceAngle[there] = neighbourAngle[back] = turn(one.direction - line)
      neighbourAngle[there] = referenceAngle[back] = turn(other.direction - line - PI)
    }
  }
  return { length, referenceAngle, neighbourAngle }
}

/** Some of them, in this order. */
export function pickEdges(edges: Edges, picked: Int32Array): Edges {
  return {
    length: pick(edges.length, picked),
    referenceAngle: pick(edges.referenceAngle, picked),
    neighbourAngle: pick(edges.neighbourAngle, picked),
  }
}

function pick(numbers: Float32Array, picked: Int32Array): Float32Array {
  const some = new Float32Array(picked.length)
  for (let at = 0; at < picked.length; at += 1) some[at] = value(numbers, value(picked, at))
  return some
}

export function areAlike(left: Edges, at: number, right: Edges, other: number): boolean {
  return (
    abs(value(left.length, at) - value(right.length, other)) <= LENGTH_TOLERANCE &&
    angleBetween(value(left.referenceAngle, at), value(right.referenceAngle, other)) <= ANGLE_TOLERANCE &&
    angleBetween(value(left.neighbourAngle, at), value(right.neighbourAngle, other)) <= ANGLE_TOLERANCE
  )
}

/** How far apart two directions are, 0 to pi. */
export function angleBetween(left: number, right: number): number {
  const apart = abs(left - right)
  return apart <= PI ? apart : FULL_TURN - apart
}

/** What stands there; 0 beyond the end, where nobody who keeps to the indices of a print ever looks. */
export function value(numbers: Float32Array | Int32Array | Uint8Array, at: number): number {
  return numbers[at] ?? 0
}

/** The same angle, 0 to below a full turn, of one from minus a full turn to below two. */
function turn(angle: number): number {
  if (angle < 0) angle += FULL_TURN // a little below zero is rounded up to a full turn
  return angle >= FULL_TURN ? angle - FULL_TURN : angle
}
