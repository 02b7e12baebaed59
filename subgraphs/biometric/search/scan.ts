/**
 * One against all rows of a gallery. In: what to ask a worker for some blocks, and how to score one row. Out: the best rows, none
 * forgotten. Workers scan parts of the blocks side by side; where one has passed over rows for want of room that may be among the best, its part is
 * scanned again in halves, by what has been found since. Scores are computed anew by this thread, which alone writes rows: a
 * row that changed under a scan is judged as it stands.
 */
import { z } from 'zod'
import type { MatchPool } from '../workers/match-pool.js'
import type { MatchTask } from '../workers/match-task.js'

export interface Candidate {
  readonly record: string
  readonly score: number
}

export interface ScanTerms {
  /** What scores less is no candidate. */
  readonly floor: number
  /** At most so many. */
  readonly most: number
}

export interface Part {
  readonly blocks: readonly number[]
  /** Of one block, where it is one, the first row and the row after the last. */
  readonly rows?: readonly [first: number, end: number] | undefined
}

export interface ScanParts {
  readonly pool: MatchPool
  readonly parts: readonly Part[]
  /** `lane` tells apart what goes on at once, from 0 to below the number of threads. */
  readonly taskOf: (part: Part, lane: number, floor: number) => MatchTask
  /** The row that stands there now, with its score; null where there is none. */
  readonly judge: (place: number) => Promise<Candidate | null>
}

const kept = z.object({ places: z.array(z.number()), passedOver: z.number().nullable() })

/** The best first; of equal scores in any order. */
export async function scan(
  { pool, parts, taskOf, judge }: ScanParts,
  { floor, most }: ScanTerms,
): Promise<Candidate[]> {
  const todo = [...parts]
  const found = new Map<string, Candidate>()
  let best: readonly Candidate[] = []
  const bar = () => (best.length < most ? floor : (best.at(-1)?.score ?? floor))
  const goOn = async (lane: number): Promise<void> => {
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      const { places, passedOver } = kept.parse(await pool.run(taskOf(part, lane, bar())))
      for (const place of places) {
        const candidate = await judge(place)
        if (candidate !== null && candidate.score >= floor) found.set(candidate.record, candidate)
      }
      best = [...found.values()].sort((left, right) => right.score - left.score).slice(0, most)
      if (passedOver !== null && passedOver > bar()) todo.push(...halvesOf(part))
    }
  }
  const lanes = Math.min(pool.threads, parts.length)
  const ends = await Promise.allSettled(Array.from({ length: lanes }, (_, lane) => goOn(lane)))
  for (const end of ends) if (end.status === 'rejected') throw end.reason // after all of them: they write to what is shared
  return [...best]
}

/** One block has fewer rows than there is room for: it passes none over, and is never halved. */
function halvesOf({ blocks }: Part): readonly Part[] {
  const middle = blocks.length >> 1
  if (middle === 0) return []
  return [{ blocks: blocks.slice(0, middle) }, { blocks: blocks.slice(middle) }]
}

/** Blocks in parts of at least `least`, one a thread where there are enough. */
export function partsOf(blocks: ReadonlySet<number>, threads: number, least: number): readonly Part[] {
  const all = [...blocks]
  const each = Math.max(least, Math.ceil(all.length / threads))
  return Array.from({ length: Math.ceil(all.length / each) }, (_, at) => ({
    blocks: all.slice(at * each, (at + 1) * each),
  }))
}
