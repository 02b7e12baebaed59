import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { AuthContext } from '../context.js'
import type { By } from '../domain/manage-second-factors.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { codeInput, reauthenticateInput, verifyMfaInput } from './inputs.js'

/** What is done with a second factor, and by proving anew who one is. */
export const secondFactorMutations = {
  verifyMfa(_parent, { input }, { useCases, device }) {
    const { challengeToken, code } = parseInput(verifyMfaInput, input)
    return useCases.finishSignIn.withCode(challengeToken, code, device)
  },
  async reauthenticate(_parent, { input }, context) {
    const { password, code } = parseInput(reauthenticateInput, input)
    const { accessToken, expiresInSeconds } = await context.useCases.reauthenticate(
      requirePrincipal(context),
      password,
      code,
      context.device,
    )
    return { accessToken, expiresIn: expiresInSeconds }
  },
  enrollMfa: (_parent, _args, context) => context.useCases.secondFactors.proposeTotp(byOf(context)),
  async confirmMfa(_parent, args, context) {
    const { code } = parseInput(codeInput, args)
    return {
      codes: [...(await context.useCases.secondFactors.confirmTotp(byOf(context), code))],
    }
  },
  async disableMfa(_parent, _args, context) {
    await context.useCases.secondFactors.removeTotp(byOf(context))
    return true
  },
  async renewRecoveryCodes(_parent, _args, context) {
    return {
      codes: [...(await context.useCases.secondFactors.renewRecoveryCodes(byOf(context)))],
    }
  },
} satisfies MutationResolvers

/** Who asks, in which session, from where. */
export function byOf(context: AuthContext): By {
  const { userId, sessionId, claims } = requirePrincipal(context)
  const { acr, amr } = claims
  const hasProvedSecond = Array.isArray(amr) && amr.includes('mfa')
  return { userId, sessionId, level: acr === 'aal2' ? 'aal2' : 'aal1', hasProvedSecond, device: context.device }
}
