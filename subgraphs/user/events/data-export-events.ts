import { createEventRow, type EventRow } from '../../../platform/bus/event-row.js'
import type { ExportPublicKey } from '../../../platform/personal-data/sealed-parts.js'
import { dataExportAccessed } from '../../../schema/contracts/data-export-accessed.js'
import { dataExportProgress } from '../../../schema/contracts/data-export-progress.js'
import { userExportRequested } from '../../../schema/contracts/user-export-requested.js'
import { messageOf, percentOf, type DataExport } from '../domain/data-export.js'

/** Services are asked for what they have of a person. */
export function exportRequestedEvent(
  wanted: { readonly id: string; readonly userId: string; readonly publicKey: ExportPublicKey },
  services: readonly string[],
  now: Date,
): EventRow {
  const { id: exportId, userId, publicKey } = wanted
  return createEventRow(userExportRequested, { exportId, userId, services: [...services], publicKey }, { now })
}

/** A step of an export, as the subscription `dataExportProgress` gives it out. */
export function dataExportProgressEvent(found: DataExport, now: Date): EventRow {
  const { id, userId, state } = found
  const [percent, message] = [percentOf(found), messageOf(found)]
  const data = { id, userId, state, percent, message, occurredAt: now.toISOString() }
  return createEventRow(dataExportProgress, data, { now })
}

/** Somebody made a link to an archive, or used it; the owner is known, whoever used a link is not. */
export function exportAccessedEvent(
  { id: exportId, userId }: Pick<DataExport, 'id' | 'userId'>,
  act: 'link-created' | 'downloaded',
  now: Date,
): EventRow {
  return createEventRow(dataExportAccessed, { exportId, userId, act }, { now })
}
