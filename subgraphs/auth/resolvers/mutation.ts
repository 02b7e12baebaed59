import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { SignInOutcome } from '../domain/finish-sign-in.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import {
  changePasswordInput,
  codeInput,
  verifyMfaInput,
  emailInput,
  loginInput,
  reauthenticateInput,
  refreshTokenInput,
  registerInput,
  resetPasswordInput,
  verifyEmailInput,
} from './inputs.js'
import type { LoginResultModel } from './models.js'

/** The same to everybody: whether the address had an account must not show. */
const AFTER_REGISTRATION = 'We have written to this address. Follow the link in the mail, then sign in.'
const AFTER_REQUEST = 'If this address has an account that it fits, we have written to it. Follow the link in the mail.'

export const mutation: MutationResolvers = {
  async register(_parent, { input }, { useCases }) {
    const { email, password, name } = parseInput(registerInput, input)
    return { ...(await useCases.register(email, password, name)), message: AFTER_REGISTRATION }
  },
  verifyEmail(_parent, { input }, { useCases, userAgent, clientAddress: ipAddress }) {
    const { token, password } = parseInput(verifyEmailInput, input)
    return resultOf(useCases.confirmAddress(token, password, { userAgent, ipAddress }))
  },
  async resendVerification(_parent, args, { useCases }) {
    const { email } = parseInput(emailInput, args)
    return { ...(await useCases.requestMail('confirm_address', email)), message: AFTER_REQUEST }
  },
  async requestPasswordReset(_parent, args, { useCases }) {
    const { email } = parseInput(emailInput, args)
    return { ...(await useCases.requestMail('reset_password', email)), message: AFTER_REQUEST }
  },
  async resetPassword(_parent, { input }, { useCases }) {
    const { token, newPassword } = parseInput(resetPasswordInput, input)
    await useCases.resetPassword(token, newPassword)
    return true
  },
  async changePassword(_parent, { input }, context) {
    const { currentPassword, newPassword } = parseInput(changePasswordInput, input)
    await context.useCases.changePassword(requirePrincipal(context), currentPassword, newPassword)
    return true
  },
  login(_parent, { input }, { useCases, userAgent, clientAddress: ipAddress }) {
    const { email, password } = parseInput(loginInput, input)
    return resultOf(useCases.logIn(email, password, { userAgent, ipAddress }))
  },
  verifyMfa(_parent, { input }, { useCases, userAgent, clientAddress: ipAddress }) {
    const { challengeToken, code } = parseInput(verifyMfaInput, input)
    return useCases.finishSignIn.withCode(challengeToken, code, { userAgent, ipAddress })
  },
  async reauthenticate(_parent, { input }, context) {
    const { password, code } = parseInput(reauthenticateInput, input)
    const { accessToken, expiresInSeconds } = await context.useCases.reauthenticate(
      requirePrincipal(context),
      password,
      code,
    )
    return { accessToken, expiresIn: expiresInSeconds }
  },
  enrollMfa: (_parent, _args, context) => context.useCases.secondFactors.proposeTotp(requirePrincipal(context).userId),
  async confirmMfa(_parent, args, context) {
    const { code } = parseInput(codeInput, args)
    return { codes: [...(await context.useCases.secondFactors.confirmTotp(requirePrincipal(context).userId, code))] }
  },
  async disableMfa(_parent, _args, context) {
    await context.useCases.secondFactors.removeTotp(requirePrincipal(context).userId)
    return true
  },
  async renewRecoveryCodes(_parent, _args, context) {
    return { codes: [...(await context.useCases.secondFactors.renewRecoveryCodes(requirePrincipal(context).userId))] }
  },
  refreshToken: (_parent, { input }, { useCases }) =>
    useCases.refreshSession(parseInput(refreshTokenInput, input).refreshToken),
  async logout(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    await context.useCases.endSessions.logout(userId, sessionId)
    return true
  },
  logoutAll: (_parent, _args, context) => context.useCases.endSessions.logoutAll(requirePrincipal(context).userId),
  async revokeSession(_parent, { id }, context) {
    const { userId, sessionId } = requirePrincipal(context)
    if (!isEntityId(id)) throw new AppError('RES_NOT_FOUND')
    const session = await context.useCases.endSessions.revoke(userId, id)
    return { session, isCurrent: session.id === sessionId }
  },
}

async function resultOf(outcome: Promise<SignInOutcome>): Promise<LoginResultModel> {
  const reached = await outcome
  return reached.kind === 'signed-in' ? reached.signIn : reached.challenge
}
