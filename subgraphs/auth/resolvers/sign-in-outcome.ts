import type { SignInOutcome } from '../domain/finish-sign-in.js'
import type { LoginResultModel } from './models.js'

/** What a sign-in came to, as the union of the SDL has it. */
export async function resultOf(outcome: Promise<SignInOutcome>): Promise<LoginResultModel> {
  const reached = await outcome
  return reached.kind === 'signed-in' ? reached.signIn : reached.challenge
}
