import { z } from 'zod'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { codeInput, phoneNumberInput } from './inputs.js'
import { byOf } from './second-factor-mutations.js'

const challengeTokenInput = z.string().max(128)

/** What is done with a phone. */
export const phoneMutations = {
  registerPhone: (_parent, args, context) =>
    context.useCases.phone.propose(byOf(context), parseInput(phoneNumberInput, args).number),
  async verifyPhone(_parent, args, context) {
    const { number, recoveryCodes } = await context.useCases.phone.confirm(
      byOf(context),
      parseInput(codeInput, args).code,
    )
    return { number, recoveryCodes: recoveryCodes && [...recoveryCodes] }
  },
  async removePhone(_parent, _args, context) {
    await context.useCases.phone.remove(byOf(context))
    return true
  },
  sendPhoneCode(_parent, { challengeToken }, context) {
    const { phone } = context.useCases
    if (challengeToken === null || challengeToken === undefined) return phone.sendForReauthentication(byOf(context))
    return phone.sendForChallenge(parseInput(challengeTokenInput, challengeToken), context.device)
  },
} satisfies MutationResolvers
