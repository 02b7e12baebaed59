import { randomUUID } from 'node:crypto'
import type { EventEnvelope, FollowedEvent } from './bus.js'
import type { StoredEvent } from './event-journal.js'
import { DUPLICATE_WINDOW_MS, subjectMatcher } from './subjects.js'

export interface LogReader {
  /** How many events `take` has to give as things stand. */
  readonly backlog: number
  /** The next matching event, undefined when there is none yet: then `wake` is called once there is. */
  take(): FollowedEvent | undefined
  /** Whether `take` has given everything there is. */
  isAtEnd(): boolean
  close(): void
}

export interface ReaderOptions {
  readonly filter: string
  readonly afterSequence: number
  /** Called when a reader that had come to the end has something to take again. */
  readonly wake: () => void
  /** Called from `take` when the log dropped events before this reader came to them; it goes on with the oldest kept. */
  readonly lost: () => void
}

/** One stream in memory: bounded by age and by count, sequences without holes. */
export interface StreamLog {
  /** Of this log's life: another one's positions mean nothing here. */
  readonly name: string
  /** Stores an event unless `messageId` was stored within the duplicate window. */
  append(messageId: string, subject: string, envelope: EventEnvelope): void
  openReader(options: ReaderOptions): LogReader
  /** The position before the first event that was stored at or after a time; `last` where there is none. */
  positionBefore(timeMs: number): number
  /** The position before the oldest event kept. */
  readonly floor: number
  /** The position of the newest event. */
  readonly last: number
}

interface StreamLogOptions {
  readonly maxAgeMs: number
  readonly maxCount: number
  readonly clock: () => number
  /** A new one unless given. */
  readonly name?: string
  /** What to begin with: sequences without holes, oldest first. */
  readonly restored?: readonly StoredEvent[]
  /** Called with each event before any reader sees it; throwing refuses the event. */
  readonly onAppend?: (stored: StoredEvent) => void
}

interface ReaderState extends ReaderOptions {
  readonly matches: (subject: string) => boolean
  cursor: number
  idle: boolean
}

const SLACK = 256 // entries are cut off in batches: shifting an array a hundred times is slower than once

export function createStreamLog(options: StreamLogOptions): StreamLog {
  const { maxAgeMs, maxCount, clock, name = randomUUID(), restored = [], onAppend } = options
  const entries: StoredEvent[] = [...restored]
  const readers = new Set<ReaderState>()
  const storedIds = new Map(restored.map(({ messageId, storedAt }) => [messageId, storedAt]))
  // Sequences go on from the clock, so that a position from an earlier process is never taken for one of this log.
  let floor = (restored[0]?.event.sequence ?? clock() * 1_000 + 1) - 1
  let last = restored.at(-1)?.event.sequence ?? floor

  const trim = (now: number) => {
    let drop = entries.length > maxCount + SLACK ? entries.length - maxCount : 0
    while (drop < entries.length && (entries[drop]?.storedAt ?? now) <= now - maxAgeMs) drop += 1
    if (drop === 0) return
    entries.splice(0, drop)
    floor += drop
  }

  const take = (reader: ReaderState): FollowedEvent | undefined => {
    trim(clock())
    return takeNext(reader, entries, floor, last)
  }

  return {
    name,
    append(messageId, subject, envelope) {
      const now = clock()
      forgetIds(storedIds, now - DUPLICATE_WINDOW_MS)
      if (storedIds.has(messageId)) return
      const stored = { event: { sequence: last + 1, subject, envelope }, messageId, storedAt: now }
      onAppend?.(stored)
      storedIds.set(messageId, now)
      last += 1
      entries.push(stored)
      trim(now)
      readers.forEach((reader) => tell(reader, stored.event))
    },
    openReader(options) {
      const reader = { ...options, matches: subjectMatcher(options.filter), cursor: options.afterSequence, idle: false }
      readers.add(reader)
      const backlog = entries.slice(reader.cursor - floor).filter(({ event }) => reader.matches(event.subject)).length
      return { backlog, take: () => take(reader), isAtEnd: () => reader.idle, close: () => void readers.delete(reader) }
    },
    positionBefore(timeMs) {
      trim(clock())
      const index = entries.findIndex(({ storedAt }) => storedAt >= timeMs)
      return index === -1 ? last : floor + index
    },
    get floor() {
      trim(clock())
      return floor
    },
    get last() {
      return last
    },
  }
}

function takeNext(reader: ReaderState, entries: readonly StoredEvent[], floor: number, last: number) {
  if (reader.cursor < floor) {
    reader.cursor = floor
    reader.lost()
  }
  while (reader.cursor < last) {
    const entry = entries[reader.cursor - floor]
    reader.cursor += 1
    if (entry !== undefined && reader.matches(entry.event.subject)) return entry.event
  }
  reader.idle = true
  return undefined
}

/** A reader at the end of the log passes over what it does not match, and is woken for what it does. */
function tell(reader: ReaderState, { sequence, subject }: FollowedEvent): void {
  if (!reader.idle) return
  if (!reader.matches(subject)) reader.cursor = sequence
  else {
    reader.idle = false
    reader.wake()
  }
}

/** Ids are kept in order of storing, so the old ones are all in front. */
function forgetIds(storedIds: Map<string, number>, before: number): void {
  for (const [id, storedAt] of storedIds) {
    if (storedAt > before) return
    storedIds.delete(id)
  }
}
