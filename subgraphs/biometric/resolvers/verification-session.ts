import { isOpen } from '../domain/verification-session.js'
import type { VerificationResultResolvers, VerificationSessionResolvers } from '../generated/resolvers.js'
import { idOrNull } from './inputs.js'

export const verificationSession: VerificationSessionResolvers = {
  // reached by any caller through _entities: the loader knows only the caller's own
  __resolveReference(reference, { loaders }) {
    const id = idOrNull(reference.id)
    return id === null ? null : loaders.session.load(id)
  },
  nonce: (session) => (isOpen(session) ? session.nonce : null),
  user: ({ userId }) => ({ id: userId }),
  policy: ({ policyId }, _args, { loaders }) => (policyId === null ? null : loaders.policy.load(policyId)),
  result: ({ id: sessionId, policyId, result }) => result && { ...result, sessionId, policyId },
  record: ({ recordIds: [first = ''] }, _args, { loaders }) => loaders.record.load(first),
  records: async ({ recordIds }, _args, { loaders }) => Promise.all(recordIds.map((id) => loaders.record.load(id))),
  stepsTaken: ({ likelihoods, recordIds, result }) =>
    recordIds.length === 1 && result !== null ? 1 : likelihoods.length,
}

export const verificationResult: VerificationResultResolvers = {
  policy: ({ policyId }, _args, { loaders }) => (policyId === null ? null : loaders.policy.load(policyId)),
  comparison: ({ sessionId }, _args, { loaders }) => loaders.comparison.load(sessionId),
}
