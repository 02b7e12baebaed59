import { hashEdges } from './edge-hash.js'
import { createPairingGrower } from './grow-pairing.js'
import { value } from './minutia-edges.js'
import { scorePairing } from './pairing-score.js'
import type { Print } from './print.js'

/** A probe made ready to be compared with many. */
export interface PrintMatcher {
  /** How much speaks for one finger; see `scorePairing`. */
  scoreAgainst(candidate: Print): number
}

const { max } = Math // bound once, see minutia-edges

const LONG_EDGE = 58 // jitter of its ends turns a long edge by less: what is alike in it is seldom so by chance
const MOST_ROOTS = 70
const MOST_LOOK_UPS = 1_633

/**
 * Edge-based matching: edges of the candidate are looked for in a hash of the probe's; each find is a root, two minutiae that
 * may be the same; from each a pairing is grown, and the best counts. Bounded in roots and look-ups, so that no print,
 * however made, takes long.
 */
export function createPrintMatcher(probe: Print): PrintMatcher {
  const hash = hashEdges(probe)
  const grower = createPairingGrower(probe)
  const tried = new Set<number>()
  return {
    scoreAgainst(candidate) {
      let best = 0
      tried.clear()
      grower.open(candidate)
      const { size, edges } = candidate
      forEachEdge(candidate, (edge) => {
        const reference = (edge - (edge % size)) / size
        hash.forEachAlike(edges, edge, (found) => {
          const root = (found - (found % probe.size)) / probe.size
          const key = root * size + reference
          if (tried.has(key)) return true
          tried.add(key)
          best = max(best, scorePairing(probe, candidate, grower.grow(root, reference)))
          return tried.size < MOST_ROOTS
        })
        return tried.size < MOST_ROOTS
      })
      return best
    },
  }
}

/**
 * Every edge, the long ones first, in an order that takes each minutia soon: to those a step apart, then two steps, and so on.
 * Until told to stop, or the look-ups are used up.
 */
function forEachEdge({ size, edges }: Print, goOn: (edge: number) => boolean): void {
  let lookUps = 0
  for (const wanted of ['long', 'short'] as const) {
    for (let step = 1; step < size; step += 1) {
      for (let from = 0; from < size; from += 1) {
        const edge = from * size + ((from + step) % size)
        if (value(edges.length, edge) >= LONG_EDGE !== (wanted === 'long')) continue
        lookUps += 1
        if (!goOn(edge) || lookUps >= MOST_LOOK_UPS) return
      }
    }
  }
}
