import { areAlike, LENGTH_TOLERANCE, value } from './minutia-edges.js'
import type { Print } from './print.js'

/** The edges alike in two prints that lead on from two minutiae taken for the same, shortest first by the candidate's. */
export interface AlikeEdges {
  /** Begins anew, with another candidate. */
  open(candidate: Print): void
  /** Where the edges from these two minutiae stand: from `begin` of the pair to below `end` of it. */
  find(probeMinutia: number, candidateMinutia: number): number
  begin(pair: number): number
  end(pair: number): number
  /** An edge of the probe, as an index into its edges, and that of the candidate. */
  probeEdge(at: number): number
  candidateEdge(at: number): number
  /** Of the candidate's edge; pixels. */
  length(at: number): number
}

/** Looked for once per pair of minutiae: pairings grown from different roots mostly come by the same pairs. */
export function createAlikeEdges(probe: Print): AlikeEdges {
  let candidate = probe
  let begins = new Int32Array(0)
  let ends = new Int32Array(0) // 0 where nobody has looked: counted from 1
  const probeEdges: number[] = []
  const candidateEdges: number[] = []
  const lengths: number[] = []
  let count = 0

  /** Both lists come shortest first, so that each is gone through once. */
  function look(probeMinutia: number, candidateMinutia: number): void {
    const { near, nearest, degree } = candidate
    let first = probeMinutia * probe.degree
    const end = first + probe.degree
    const last = (candidateMinutia + 1) * degree
    for (let at = candidateMinutia * degree; at < last; at += 1) {
      const length = value(near.length, at)
      while (first < end && value(probe.near.length, first) < length - LENGTH_TOLERANCE) first += 1
      for (let other = first; other < end; other += 1) {
        if (value(probe.near.length, other) > length + LENGTH_TOLERANCE) break
        if (!areAlike(probe.near, other, near, at)) continue
        probeEdges[count] = value(probe.nearest, other)
        candidateEdges[count] = value(nearest, at)
        lengths[count] = length
        count += 1
      }
    }
  }

  return {
    open(other) {
      candidate = other
      const pairs = probe.size * candidate.size
      if (ends.length < pairs) [begins, ends] = [new Int32Array(pairs), new Int32Array(pairs)]
      else ends.fill(0, 0, pairs)
      count = 0
    },
    find(probeMinutia, candidateMinutia) {
      const pair = probeMinutia * candidate.size + candidateMinutia
      if (value(ends, pair) > 0) return pair
      begins[pair] = count
      look(probeMinutia, candidateMinutia)
      ends[pair] = count + 1
      return pair
    },
    begin: (pair) => value(begins, pair),
    end: (pair) => value(ends, pair) - 1,
    probeEdge: (at) => probeEdges[at] ?? 0,
    candidateEdge: (at) => candidateEdges[at] ?? 0,
    length: (at) => lengths[at] ?? 0,
  }
}
