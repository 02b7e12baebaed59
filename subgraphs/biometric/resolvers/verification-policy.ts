import type { VerificationPolicyResolvers } from '../generated/resolvers.js'

export const verificationPolicy: VerificationPolicyResolvers = {
  sessionLifeSeconds: ({ sessionLifeMs }) => Math.round(sessionLifeMs / 1000),
}
