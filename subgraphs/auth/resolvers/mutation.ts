import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import { normaliseEmail } from '../domain/email-address.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import {
  changePasswordInput,
  emailInput,
  loginInput,
  refreshTokenInput,
  registerInput,
  resetPasswordInput,
  verifyEmailInput,
} from './inputs.js'
import { administrationMutations } from './administration-mutations.js'
import { passkeyMutations } from './passkey.js'
import { phoneMutations } from './phone.js'
import { phoneNameMutations } from './sign-in-by-phone.js'
import { providerMutations } from './providers.js'
import { secondFactorMutations } from './second-factor-mutations.js'
import { resultOf } from './sign-in-outcome.js'
import { serviceClientMutations } from './service-clients.js'

/** The same to everybody: whether the address had an account must not show. */
const AFTER_REGISTRATION = 'We have written to this address. Follow the link in the mail, then sign in.'
const AFTER_REQUEST = 'If this address has an account that it fits, we have written to it. Follow the link in the mail.'

export const mutation: MutationResolvers = {
  async register(_parent, { input }, { useCases, device }) {
    const { email, password, name } = parseInput(registerInput, input)
    return { ...(await useCases.register(email, password, name, device)), message: AFTER_REGISTRATION }
  },
  verifyEmail(_parent, { input }, { useCases, device }) {
    const { token, password } = parseInput(verifyEmailInput, input)
    return resultOf(useCases.confirmAddress(token, password, device))
  },
  async resendVerification(_parent, args, { useCases, device }) {
    const { email } = parseInput(emailInput, args)
    return { ...(await useCases.requestMail('confirm_address', email, device)), message: AFTER_REQUEST }
  },
  async requestPasswordReset(_parent, args, { useCases, device }) {
    const { email } = parseInput(emailInput, args)
    return { ...(await useCases.requestMail('reset_password', email, device)), message: AFTER_REQUEST }
  },
  async resetPassword(_parent, { input }, { useCases, device }) {
    const { token, newPassword } = parseInput(resetPasswordInput, input)
    await useCases.resetPassword(token, newPassword, device)
    return true
  },
  async changePassword(_parent, { input }, context) {
    const { currentPassword, newPassword } = parseInput(changePasswordInput, input)
    await context.useCases.changePassword(requirePrincipal(context), currentPassword, newPassword, context.device)
    return true
  },
  login(_parent, { input }, { useCases, device }) {
    const { email, password } = parseInput(loginInput, input)
    return resultOf(useCases.logIn(normaliseEmail(email).key, password, device))
  },
  ...secondFactorMutations,
  ...passkeyMutations,
  ...phoneMutations,
  ...phoneNameMutations,
  ...administrationMutations,
  ...serviceClientMutations,
  ...providerMutations,
  refreshToken: (_parent, { input }, { useCases }) =>
    useCases.refreshSession(parseInput(refreshTokenInput, input).refreshToken),
  async logout(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    await context.useCases.endSessions.logout(userId, sessionId, context.device)
    return true
  },
  logoutAll: (_parent, _args, context) =>
    context.useCases.endSessions.logoutAll(requirePrincipal(context).userId, context.device),
  revokeOtherSessions(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    return context.useCases.endSessions.revokeOthers(userId, sessionId, context.device)
  },
  async revokeSession(_parent, { id }, context) {
    const { userId, sessionId } = requirePrincipal(context)
    if (!isEntityId(id)) throw new AppError('RES_NOT_FOUND')
    const session = await context.useCases.endSessions.revoke(userId, id, context.device)
    return { session, isCurrent: session.id === sessionId }
  },
}
