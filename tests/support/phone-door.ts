import { z } from 'zod'
import { password, type StartedAuth } from './start-auth.js'
import type { Answer } from './start-subgraph.js'
import { until } from './until.js'

const kept = z.object({ developmentMails: z.array(z.object({ text: z.string() })) })
const begun = z.object({ begun: z.object({ registrationToken: z.string() }) })
const opened = z.object({
  opened: z.object({
    recoveryCodes: z.array(z.string()),
    login: z.object({
      accessToken: z.string(),
      refreshToken: z.string(),
      user: z.object({ id: z.string(), email: z.null(), emailVerified: z.literal(false) }),
    }),
  }),
})
const challenged = z.object({ login: z.object({ challengeToken: z.string(), methods: z.array(z.string()) }) })
const PAIR = 'accessToken refreshToken user { id email emailVerified }'

/** What phones were sent. */
function messagesOf(auth: StartedAuth) {
  const messagesTo = async (number: string): Promise<string[]> => {
    const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { text } }', { to: number })
    return kept.parse(data).developmentMails.map(({ text }) => text)
  }
  /** The code of the newest of so many messages to a number. */
  const codeTo = async (number: string, messages = 1): Promise<string> => {
    await until(async () => (await messagesTo(number)).length >= messages)
    return /^(\d{6}) is your/.exec((await messagesTo(number))[0] ?? '')?.[1] ?? 'none'
  }
  return { messagesTo, codeTo }
}

/** What somebody does at the door who has a number in place of an address. */
export function phoneDoor(auth: StartedAuth) {
  let numbers = 0
  const { messagesTo, codeTo } = messagesOf(auth)
  const begin = (number: string, tried = password) =>
    auth.ask(
      `mutation ($input: RegisterWithPhoneInput!) {
        begun: registerWithPhone(input: $input) { registrationToken code { number expiresAt resendAt } } }`,
      { input: { number, password: tried, name: 'Ada' } },
    )
  const verify = (registrationToken: string, code: string) =>
    auth.ask(
      `mutation ($input: VerifyPhoneRegistrationInput!) {
        opened: verifyPhoneRegistration(input: $input) { recoveryCodes login { ${PAIR} } } }`,
      { input: { registrationToken, code } },
    )
  const tokenOf = ({ data }: Answer) => begun.parse(data).begun.registrationToken
  return {
    /** A mobile number beside Ofcom's range for drama, that no other test of this service has. */
    newNumber: () => `+4474002${String((numbers += 1)).padStart(5, '0')}`,
    messagesTo,
    codeTo,
    begin,
    tokenOf,
    verify,
    openedOf: ({ data }: Answer) => opened.parse(data).opened,
    resend: (registrationToken: string) =>
      auth.ask('mutation ($token: String!) { resendRegistrationCode(registrationToken: $token) { number } }', {
        token: registrationToken,
      }),
    login: (number: string, tried = password) =>
      auth.ask(
        `mutation ($input: LoginWithPhoneInput!) { login: loginWithPhone(input: $input) {
          ... on AuthPayload { ${PAIR} } ... on MfaChallenge { challengeToken methods } } }`,
        { input: { number, password: tried } },
      ),
    challengeOf: ({ data }: Answer) => challenged.parse(data).login,
    send: (challengeToken: string) =>
      auth.ask('mutation ($token: String) { sendPhoneCode(challengeToken: $token) { number } }', {
        token: challengeToken,
      }),
    complete: (challengeToken: string, code: string) =>
      auth.ask(
        `mutation ($input: VerifyMfaInput!) { login: verifyMfa(input: $input) { accessToken refreshToken user { id } } }`,
        { input: { challengeToken, code } },
      ),
    ...resetsOf(auth),
    /** Somebody new, with an account that is found by their number. */
    async newcomer() {
      const number = this.newNumber()
      const token = tokenOf(await begin(number))
      return { number, ...this.openedOf(await verify(token, await codeTo(number))) }
    },
  }
}

function resetsOf(auth: StartedAuth) {
  return {
    requestReset: (number: string) =>
      auth.ask(
        'mutation ($number: String!) { sent: requestPhonePasswordReset(number: $number) { number expiresAt resendAt } }',
        { number },
      ),
    reset: (input: { number: string; code: string; recoveryCode: string; newPassword: string }) =>
      auth.ask('mutation ($input: ResetPasswordWithPhoneInput!) { resetPasswordWithPhone(input: $input) }', { input }),
  }
}

/** Another code than this one. */
export const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
