import type { Consumer } from '../../../platform/bus/bus.js'
import { biometricVerified } from '../../../schema/contracts/biometric-verified.js'
import { noteVerification } from '../persistence/projections.js'
import { consumeOnce, type ListeningParts } from './consume-once.js'

/** Keeps when a person was last recognised; a verification that failed is none. */
export function onBiometricVerified(parts: ListeningParts): Promise<Consumer> {
  return consumeOnce(parts, {
    name: 'user-verifications',
    contract: biometricVerified,
    about: ({ userId }) => userId,
    async change(transaction, { userId, decision }, { occurredAt }) {
      if (decision === 'MATCH') await noteVerification(transaction, userId, new Date(occurredAt))
    },
  })
}
