import { createEventRow, type EventRow } from '../../../platform/bus/event-row.js'
import { erasureProgress } from '../../../schema/contracts/erasure-progress.js'
import { userErasureRequested } from '../../../schema/contracts/user-erasure-requested.js'
import { messageOf, percentOf, type Erasure } from '../domain/erasure.js'

/** Services are asked to erase a person. */
export function erasureRequestedEvent(
  { id: erasureId, userId }: { readonly id: string; readonly userId: string },
  services: readonly string[],
  now: Date,
): EventRow {
  return createEventRow(userErasureRequested, { erasureId, userId, services: [...services] }, { now })
}

/** A step of an erasure, as the subscription `erasureProgress` gives it out. */
export function erasureProgressEvent(erasure: Pick<Erasure, 'id' | 'state' | 'acknowledgements'>, now: Date): EventRow {
  const { id, state } = erasure
  const data = { id, state, percent: percentOf(erasure), message: messageOf(erasure), occurredAt: now.toISOString() }
  return createEventRow(erasureProgress, data, { now })
}
