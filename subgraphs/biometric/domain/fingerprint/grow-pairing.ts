import { createAlikeEdges } from './alike-edges.js'
import { createEdgeQueue } from './edge-queue.js'
import { createPairing, type Pairing } from './pairing.js'
import type { Print } from './print.js'

export interface PairingGrower {
  /** Begins with another candidate. */
  open(candidate: Print): void
  /**
   * Grows a pairing from two minutiae taken for the same: along edges that are alike in both prints, shortest first, since
   * near minutiae are moved alike by the stretch of skin. No minutia is in two pairs. What is returned holds until the next call.
   */
  grow(rootProbe: number, rootCandidate: number): Pairing
}

export function createPairingGrower(probe: Print): PairingGrower {
  const pairing = createPairing()
  const queue = createEdgeQueue()
  const alike = createAlikeEdges(probe)
  let size = 0 // of the candidate

  function queueFrom(probeMinutia: number, candidateMinutia: number): void {
    const pair = alike.find(probeMinutia, candidateMinutia)
    const end = alike.end(pair)
    for (let at = alike.begin(pair); at < end; at += 1) queue.add(alike.length(at), at)
  }

  return {
    open(candidate) {
      size = candidate.size
      alike.open(candidate)
    },
    grow(rootProbe, rootCandidate) {
      pairing.clear()
      queue.clear()
      pairing.take(rootProbe, rootCandidate, -1, -1)
      queueFrom(rootProbe, rootCandidate)
      for (let at = queue.take(); at !== -1; at = queue.take()) {
        const [probeEdge, candidateEdge] = [alike.probeEdge(at), alike.candidateEdge(at)]
        const [probeTo, candidateTo] = [probeEdge % probe.size, candidateEdge % size]
        if (pairing.areFree(probeTo, candidateTo)) {
          pairing.take(probeTo, candidateTo, probeEdge, candidateEdge)
          queueFrom(probeTo, candidateTo)
        } else {
          pairing.countSupport((probeEdge - probeTo) / probe.size, probeTo, candidateTo)
        }
      }
      return pairing
    },
  }
}
