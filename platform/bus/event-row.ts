import { currentRequestContext } from '../log/request-context.js'
import type { EventEnvelope } from './bus.js'
import type { EventContract } from './event-contract.js'
import { encodeEnvelope } from './event-envelope.js'
import { assertSubject } from './subjects.js'

export interface EventMeta {
  /** Who caused it, a user's id. */
  readonly actorId?: string | undefined
  readonly now?: Date
  /** The current request's unless given. */
  readonly traceId?: string
  readonly id?: string
}

/** What goes into the outbox, or straight to `bus.publish(row.subject, row.envelope)` where losing it is harmless. */
export interface EventRow {
  readonly id: string
  readonly subject: string
  readonly envelope: EventEnvelope
}

/**
 * One event of a contract, ready to be stored. Throws ZodError when the data does not fit the contract, TypeError when its
 * subject is not publishable and RangeError when it is too large: faults of the producer, better found before the commit.
 */
export function createEventRow<Data>(contract: EventContract<Data>, data: Data, meta: EventMeta = {}): EventRow {
  const checked = contract.data.parse(data)
  const subject = contract.subject(checked)
  assertSubject(subject)
  const id = meta.id ?? crypto.randomUUID()
  const envelope: EventEnvelope = {
    id,
    type: contract.type,
    version: contract.version,
    occurredAt: (meta.now ?? new Date()).toISOString(),
    traceId: meta.traceId ?? currentRequestContext()?.traceId ?? crypto.randomUUID().replaceAll('-', ''),
    ...(meta.actorId !== undefined && { actorId: meta.actorId }),
    data: checked,
  }
  encodeEnvelope(envelope)
  return { id, subject, envelope }
}
