import { value } from './minutia-edges.js'

/** Minutiae of a probe taken for those of a candidate, pair by pair in the order they were taken. */
export interface Pairing {
  readonly count: number
  readonly probe: Int32Array
  readonly candidate: Int32Array
  /** The edges over which a pair was reached, as indices into the prints' edges; -1 for the pair it began at. */
  readonly probeEdge: Int32Array
  readonly candidateEdge: Int32Array
  /** How many further edges speak for a pair: those to pairs that were taken too. */
  readonly support: Int32Array
}

/** A pairing in the making, used again for every root so that nothing is made in the loop over them. */
export interface PairingInTheMaking extends Pairing {
  clear(): void
  /** Whether neither minutia is in a pair. */
  areFree(probe: number, candidate: number): boolean
  take(probe: number, candidate: number, probeEdge: number, candidateEdge: number): void
  /** An edge between two that are paired already, with each other, speaks for both. */
  countSupport(probeFrom: number, probeTo: number, candidateTo: number): void
}

const MOST = 255 // minutiae of a print

export function createPairing(): PairingInTheMaking {
  const [probe, candidate, probeEdge, candidateEdge, support] = [numbers(), numbers(), numbers(), numbers(), numbers()]
  const [pairOfProbe, pairOfCandidate] = [numbers(), numbers()] // counted from 1; 0 for none
  let count = 0
  return {
    get count() {
      return count
    },
    probe,
    candidate,
    probeEdge,
    candidateEdge,
    support,
    clear() {
      for (let pair = 0; pair < count; pair += 1) {
        pairOfProbe[value(probe, pair)] = 0
        pairOfCandidate[value(candidate, pair)] = 0
      }
      count = 0
    },
    areFree: (one, other) => value(pairOfProbe, one) === 0 && value(pairOfCandidate, other) === 0,
    take(one, other, overProbe, overCandidate) {
      probe[count] = one
      candidate[count] = other
      probeEdge[count] = overProbe
      candidateEdge[count] = overCandidate
      support[count] = 0
      count += 1
      pairOfProbe[one] = count
      pairOfCandidate[other] = count
    },
    countSupport(probeFrom, probeTo, candidateTo) {
      const there = value(pairOfProbe, probeTo)
      if (there === 0 || there !== value(pairOfCandidate, candidateTo)) return
      for (const pair of [there - 1, value(pairOfProbe, probeFrom) - 1]) support[pair] = value(support, pair) + 1
    },
  }
}

function numbers(): Int32Array {
  return new Int32Array(MOST)
}
