import { randomUUID } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { FollowedEvent } from './bus.js'
import { eventEnvelope } from './event-envelope.js'
import { streamNames, streams, type StreamName } from './subjects.js'

/** An event as a log holds it. */
export interface StoredEvent {
  readonly event: FollowedEvent
  readonly messageId: string
  /** Milliseconds since the epoch. */
  readonly storedAt: number
}

/** What the in-process bus keeps beyond the end of its process. */
export interface EventJournal {
  /** Names of the logs: a stream of which something is restored keeps the one it had, any other has a new one. */
  readonly logs: Readonly<Record<StreamName, string>>
  /** What earlier processes stored and is still young enough, by stream, in order of sequence without holes. */
  readonly stored: Readonly<Record<StreamName, readonly StoredEvent[]>>
  /** Sequences a durable consumer has dealt with, of the events in `stored`. */
  handledBy(consumer: string): ReadonlySet<number>
  /** Returns when the event is with the operating system: it survives the process, not the machine's power. */
  recordStored(stream: StreamName, stored: StoredEvent): void
  recordHandled(stream: StreamName, consumer: string, sequence: number): void
  close(): void
}

const line = z.union([
  z.object({
    stream: z.enum(['EVENTS', 'PROGRESS', 'DEAD_LETTERS']),
    sequence: z.int(),
    storedAt: z.number(),
    messageId: z.string(),
    subject: z.string(),
    envelope: eventEnvelope,
  }),
  z.object({ stream: z.enum(['EVENTS', 'PROGRESS', 'DEAD_LETTERS']), sequence: z.int(), handledBy: z.string() }),
  z.object({ stream: z.enum(['EVENTS', 'PROGRESS', 'DEAD_LETTERS']), log: z.string().min(1) }),
])
type Line = z.infer<typeof line>

/**
 * A journal in one file of JSON lines. Opening reads it, drops what is too old, and writes the rest anew, so the file is
 * bounded by what one process stores. A last line cut off by a crash is dropped: its publish was never confirmed.
 */
export function openEventJournal(file: string, clock: () => number = Date.now): EventJournal {
  mkdirSync(path.dirname(file), { recursive: true })
  const lines = young(readLines(file), clock())
  writeFileSync(`${file}.new`, lines.map(encode).join(''), { mode: 0o600 })
  renameSync(`${file}.new`, file)
  const handle = openSync(file, 'a', 0o600)
  const handled = new Map<string, Set<number>>()
  for (const entry of lines) {
    if (!('handledBy' in entry)) continue
    const sequences = handled.get(entry.handledBy) ?? new Set()
    handled.set(entry.handledBy, sequences.add(entry.sequence))
  }
  const append = (entry: Line) => appendFileSync(handle, encode(entry))
  const named = new Map(lines.flatMap((entry) => ('log' in entry ? [[entry.stream, entry.log]] : [])))
  const logOf = (stream: StreamName) => named.get(stream) ?? randomUUID()
  const logs = { EVENTS: logOf('EVENTS'), PROGRESS: logOf('PROGRESS'), DEAD_LETTERS: logOf('DEAD_LETTERS') }
  return {
    logs,
    stored: {
      EVENTS: storedIn(lines, 'EVENTS'),
      PROGRESS: storedIn(lines, 'PROGRESS'),
      DEAD_LETTERS: storedIn(lines, 'DEAD_LETTERS'),
    },
    handledBy: (consumer) => handled.get(consumer) ?? new Set(),
    recordStored(stream, { event, messageId, storedAt }) {
      if (!named.has(stream)) append({ stream, log: logs[stream] })
      named.set(stream, logs[stream])
      append({
        stream,
        sequence: event.sequence,
        storedAt,
        messageId,
        subject: event.subject,
        envelope: event.envelope,
      })
    },
    recordHandled: (stream, handledBy, sequence) => append({ stream, sequence, handledBy }),
    close: () => closeSync(handle),
  }
}

const encode = (entry: Line) => `${JSON.stringify(entry)}\n`

function readLines(file: string): Line[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [line.parse(JSON.parse(text))]
      } catch {
        return []
      }
    })
}

/** The youngest unbroken run of each stream within its age and count, its log's name, and what has been handled of it. */
function young(lines: readonly Line[], now: number): Line[] {
  return streamNames.flatMap((stream) => {
    const { maxAgeMs, maxCount } = streams[stream]
    const own = lines.filter((entry) => entry.stream === stream)
    const stored = own
      .flatMap((entry) => ('envelope' in entry && entry.storedAt > now - maxAgeMs ? [entry] : []))
      .slice(-maxCount)
    const first = stored.findLastIndex((entry, index) => entry.sequence !== (stored[index - 1]?.sequence ?? NaN) + 1)
    const kept = first < 0 ? [] : stored.slice(first)
    const floor = kept[0]?.sequence
    if (floor === undefined) return []
    const name = own.findLast((entry) => 'log' in entry)
    const handled = own.filter((entry) => 'handledBy' in entry && entry.sequence >= floor)
    return [...(name === undefined ? [] : [name]), ...kept, ...handled]
  })
}

function storedIn(lines: readonly Line[], stream: StreamName): StoredEvent[] {
  return lines.flatMap((entry) => {
    if (entry.stream !== stream || !('envelope' in entry)) return []
    const { sequence, subject, envelope, messageId, storedAt } = entry
    return [{ event: { sequence, subject, envelope }, messageId, storedAt }]
  })
}
