import type { Consumer } from '../../../platform/bus/bus.js'
import { biometricAdministered } from '../../../schema/contracts/biometric-administered.js'
import { auditElsewhere, type AuditingParts } from './audit-elsewhere.js'

/** What was done to devices, webhooks and limits, which biometric keeps. */
export function onBiometricAdministered(parts: AuditingParts): Promise<Consumer> {
  return auditElsewhere(parts, {
    name: 'auth-administered-biometrics',
    contract: biometricAdministered,
    factOf: ({ act, subjectId, administratorId }) => ({
      action: `biometric.${act}`,
      actorId: administratorId,
      subjectId,
    }),
  })
}
