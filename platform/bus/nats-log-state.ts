import type { NatsParts } from './nats-parts.js'
import { EventsLostError } from './bus.js'

/** What a stream of the server keeps at present. */
export interface LogState {
  /** Of this life of the stream. */
  readonly log: string
  /** The position before the oldest event kept. */
  readonly floor: number
  /** The position of the newest event. */
  readonly last: number
}

export async function stateOf({ manager }: NatsParts, stream: string): Promise<LogState> {
  const { created, state } = await manager.streams.info(stream)
  return { log: `${stream} ${created}`, floor: Math.max(0, state.first_seq - 1), last: state.last_seq }
}

/** Throws EventsLostError where the log does not reach back to a position, or never got there. */
export function assertReachable({ floor, last }: LogState, cursor: number): void {
  if (cursor < floor || cursor > last) throw new EventsLostError()
}
