import type { Pairing } from './pairing.js'
import { ANGLE_TOLERANCE, angleBetween, LENGTH_TOLERANCE, value } from './minutia-edges.js'
import type { Print } from './print.js'

const { abs, max } = Math // bound once, see minutia-edges

/** What each finding of a pairing adds to its score: weights fitted to tell one finger from two. */
const WEIGHTS = {
  pair: 0.032,
  share: 8.98,
  supported: 0.193,
  edge: 0.265,
  sameType: 0.629,
  lengths: 9.9,
  angles: 2.79,
} as const

/** Errors below these are the jitter of any capture and count alike. */
const LEAST_LENGTH_ERROR = 9
const LEAST_ANGLE_ERROR = (2.7 / 180) * Math.PI

/** How much a pairing of two prints speaks for one finger: 0 for none, about 9 for strangers, 20 and more for one finger. */
export function scorePairing(probe: Print, candidate: Print, pairing: Pairing): number {
  const { count } = pairing
  if (count === 0) return 0
  let [supported, supportingEdges, sameType, lengthErrors, angleErrors] = [0, 0, 0, 0, 0]
  for (let pair = 0; pair < count; pair += 1) {
    const support = value(pairing.support, pair)
    if (support > 0) supported += 1
    supportingEdges += support
    const type = value(probe.types, value(pairing.probe, pair))
    if (type === value(candidate.types, value(pairing.candidate, pair))) sameType += 1
    if (pair === 0) continue // the pair it began at was reached over no edge
    const [edge, other] = [value(pairing.probeEdge, pair), value(pairing.candidateEdge, pair)]
    lengthErrors += lengthError(probe, edge, candidate, other)
    angleErrors += angleError(probe, edge, candidate, other)
  }
  const edges = count - 1
  return (
    WEIGHTS.pair * count +
    (WEIGHTS.share * (count / probe.size + count / candidate.size)) / 2 +
    WEIGHTS.supported * supported +
    WEIGHTS.edge * (count + supportingEdges) +
    WEIGHTS.sameType * sameType +
    WEIGHTS.lengths * accuracy(lengthErrors, edges * LENGTH_TOLERANCE) +
    WEIGHTS.angles * accuracy(angleErrors, edges * 2 * ANGLE_TOLERANCE)
  )
}

function lengthError(probe: Print, edge: number, candidate: Print, other: number): number {
  return max(LEAST_LENGTH_ERROR, abs(value(probe.edges.length, edge) - value(candidate.edges.length, other)))
}

function angleError(probe: Print, edge: number, candidate: Print, other: number): number {
  const reference = angleBetween(value(probe.edges.referenceAngle, edge), value(candidate.edges.referenceAngle, other))
  const neighbour = angleBetween(value(probe.edges.neighbourAngle, edge), value(candidate.edges.neighbourAngle, other))
  return max(LEAST_ANGLE_ERROR, reference) + max(LEAST_ANGLE_ERROR, neighbour)
}

/** 1 for edges without an error, 0 for errors as large as are tolerated; 0 where there is no edge. */
function accuracy(errors: number, tolerated: number): number {
  return tolerated === 0 ? 0 : 1 - errors / tolerated
}
