import { z } from 'zod'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { readPhoneNumber } from '../../../platform/phone/phone-number.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { codeInput } from './inputs.js'
import { byOf } from './second-factor-mutations.js'

const registerPhoneInput = z.object({
  number: z
    .string()
    .max(40)
    .transform((text, context) => {
      const number = readPhoneNumber(text)
      if (number !== null) return number
      context.addIssue('must be an international number in use, such as +44 7400 123456')
      return z.NEVER
    }),
})

const challengeTokenInput = z.string().max(128)

/** What is done with a phone. */
export const phoneMutations = {
  registerPhone: (_parent, args, context) =>
    context.useCases.phone.propose(byOf(context), parseInput(registerPhoneInput, args).number),
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
