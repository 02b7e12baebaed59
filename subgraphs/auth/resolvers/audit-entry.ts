import type { AuditEntryResolvers } from '../generated/resolvers.js'

export const auditEntry: AuditEntryResolvers = {
  id: ({ sequence }) => String(sequence),
  details: ({ details }) => JSON.stringify(details),
}
