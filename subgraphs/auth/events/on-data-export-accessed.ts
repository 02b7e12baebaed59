import type { Consumer } from '../../../platform/bus/bus.js'
import { dataExportAccessed } from '../../../schema/contracts/data-export-accessed.js'
import { auditElsewhere, type AuditingParts } from './audit-elsewhere.js'

/** That somebody made a link to their data, and that it was used, by whoever had it. */
export function onDataExportAccessed(parts: AuditingParts): Promise<Consumer> {
  return auditElsewhere(parts, {
    name: 'auth-accessed-exports',
    contract: dataExportAccessed,
    factOf: ({ exportId, userId, act }) => ({
      action: act === 'link-created' ? 'data.export-link-created' : 'data.export-downloaded',
      actorId: act === 'link-created' ? userId : null,
      subjectId: userId,
      details: { exportId },
    }),
  })
}
