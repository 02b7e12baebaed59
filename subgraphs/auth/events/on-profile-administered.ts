import type { Consumer } from '../../../platform/bus/bus.js'
import { profileAdministered } from '../../../schema/contracts/profile-administered.js'
import { auditElsewhere, type AuditingParts } from './audit-elsewhere.js'

/** What administrators did to profiles, which user keeps. */
export function onProfileAdministered(parts: AuditingParts): Promise<Consumer> {
  return auditElsewhere(parts, {
    name: 'auth-administered-profiles',
    contract: profileAdministered,
    factOf: ({ userId, administratorId, act, fields }) => ({
      action: `profile.${act}`,
      actorId: administratorId,
      subjectId: userId,
      details: { fields },
    }),
  })
}
