import { createEdgeQueue } from './edge-queue.js'
import { areAlike, LENGTH_TOLERANCE, value } from './minutia-edges.js'
import { createPairing, type Pairing } from './pairing.js'
import type { Print } from './print.js'

export interface PairingGrower {
  /**
   * Grows a pairing from two minutiae taken for the same: along edges that are alike in both prints, shortest first, since
   * near minutiae are moved alike by the stretch of skin. No minutia is in two pairs. What is returned holds until the next call.
   */
  grow(candidate: Print, rootProbe: number, rootCandidate: number): Pairing
}

export function createPairingGrower(probe: Print): PairingGrower {
  const pairing = createPairing()
  const queue = createEdgeQueue()
  const probeEdges: number[] = []
  const candidateEdges: number[] = []

  /** Queues the edges from a pair that are alike; both come shortest first, so that each list is gone through once. */
  function queueAlike(candidate: Print, probeMinutia: number, candidateMinutia: number): void {
    let first = probeMinutia * probe.degree
    const end = first + probe.degree
    const last = (candidateMinutia + 1) * candidate.degree
    for (let at = candidateMinutia * candidate.degree; at < last; at += 1) {
      const edge = value(candidate.nearest, at)
      const length = value(candidate.edges.length, edge)
      while (first < end && lengthAt(first) < length - LENGTH_TOLERANCE) first += 1
      for (let other = first; other < end && lengthAt(other) <= length + LENGTH_TOLERANCE; other += 1) {
        const probeEdge = value(probe.nearest, other)
        if (!areAlike(probe.edges, probeEdge, candidate.edges, edge)) continue
        queue.add(length, probeEdges.length)
        probeEdges.push(probeEdge)
        candidateEdges.push(edge)
      }
    }
  }

  function lengthAt(index: number): number {
    return value(probe.edges.length, value(probe.nearest, index))
  }

  return {
    grow(candidate, rootProbe, rootCandidate) {
      pairing.clear()
      queue.clear()
      probeEdges.length = 0
      candidateEdges.length = 0
      pairing.take(rootProbe, rootCandidate, -1, -1)
      queueAlike(candidate, rootProbe, rootCandidate)
      for (let entry = queue.take(); entry !== -1; entry = queue.take()) {
        const [probeEdge, candidateEdge] = [probeEdges[entry] ?? 0, candidateEdges[entry] ?? 0]
        const [probeTo, candidateTo] = [probeEdge % probe.size, candidateEdge % candidate.size]
        if (pairing.areFree(probeTo, candidateTo)) {
          pairing.take(probeTo, candidateTo, probeEdge, candidateEdge)
          queueAlike(candidate, probeTo, candidateTo)
        } else {
          pairing.countSupport((probeEdge - probeTo) / probe.size, probeTo, candidateTo)
        }
      }
      return pairing
    },
  }
}
