import { parseInput } from '../../../platform/graphql/parse-input.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import {
  loginWithPhoneInput,
  phoneNumberInput,
  phoneRegistrationInput,
  registerWithPhoneInput,
  resetPasswordWithPhoneInput,
  verifyPhoneRegistrationInput,
} from './inputs.js'
import { resultOf } from './sign-in-outcome.js'

/** What somebody does whose account is found by a number in place of an address. */
export const phoneNameMutations = {
  async registerWithPhone(_parent, { input }, { useCases, device }) {
    const { number, password, name } = parseInput(registerWithPhoneInput, input)
    const { token: registrationToken, ...sent } = await useCases.byPhone.register.begin(number, password, name, device)
    return { registrationToken, code: sent }
  },
  resendRegistrationCode: (_parent, args, { useCases, device }) =>
    useCases.byPhone.register.sendAgain(parseInput(phoneRegistrationInput, args).registrationToken, device),
  async verifyPhoneRegistration(_parent, { input }, { useCases, device }) {
    const { registrationToken, code } = parseInput(verifyPhoneRegistrationInput, input)
    const { recoveryCodes, ...signIn } = await useCases.byPhone.register.finish(registrationToken, code, device)
    return { login: signIn, recoveryCodes: [...recoveryCodes] }
  },
  loginWithPhone(_parent, { input }, { useCases, device }) {
    const { number, password } = parseInput(loginWithPhoneInput, input)
    return resultOf(useCases.logIn(number, password, device))
  },
  requestPhonePasswordReset: (_parent, args, { useCases, device }) =>
    useCases.byPhone.reset.request(parseInput(phoneNumberInput, args).number, device),
  async resetPasswordWithPhone(_parent, { input }, { useCases, device }) {
    const { number, newPassword, ...codes } = parseInput(resetPasswordWithPhoneInput, input)
    await useCases.byPhone.reset.finish(number, codes, newPassword, device)
    return true
  },
} satisfies MutationResolvers
