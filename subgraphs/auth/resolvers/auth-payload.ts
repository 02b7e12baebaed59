import type { AuthPayloadResolvers, LoginResultResolvers, MfaChallengeResolvers } from '../generated/resolvers.js'

const mfaMethods = { totp: 'TOTP', passkey: 'PASSKEY', sms: 'SMS', 'recovery-code': 'RECOVERY_CODE' } as const

export const loginResult: LoginResultResolvers = {
  __resolveType: (model) => ('token' in model ? 'MfaChallenge' : 'AuthPayload'),
}

export const mfaChallenge: MfaChallengeResolvers = {
  challengeToken: ({ token }) => token,
  methods: ({ methods }) => methods.map((method) => mfaMethods[method]),
}

/** Whoever holds a new pair of tokens is the user it is for, though the request came without a token. */
export const authPayload: AuthPayloadResolvers = {
  expiresIn: ({ expiresInSeconds }) => expiresInSeconds,
  refreshTokenExpiresAt: ({ session }) => session.expiresAt,
  session: ({ session }) => ({ session, isCurrent: true }),
  user: ({ account }) => ({ account, isPrivateSideVisible: true }),
}
