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

/** The edges from every minutia to every minutia: that from i to j of n at `i * n + j`. */
export function edgesBetween(minutiae: readonly Minutia[]): Edges {
  const size = minutiae.length ** 2
  const length = new Float32Array(size)
  const referenceAngle = new Float32Array(size)
  const neighbourAngle = new Float32Array(size)
  let edge = 0
  for (const from of minutiae) {
    for (const to of minutiae) {
      const dx = to.x - from.x
      const dy = from.y - to.y // rows count downwards, angles counter-clockwise
      const line = atan2(dy, dx)
      length[edge] = sqrt(dx * dx + dy * dy)
      referenceAngle[edge] = turn(from.direction - line)
      neighbourAngle[edge] = turn(to.direction - line - PI)
      edge += 1
    }
  }
  return { length, referenceAngle, neighbourAngle }
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

/** The same angle, 0 to below a full turn; the second remainder is for what rounds up to one. */
function turn(angle: number): number {
  return (((angle % FULL_TURN) + FULL_TURN) % FULL_TURN) % FULL_TURN
}
