/** What somebody does with passkeys at auth's door, with a device to sign by. */
import { z } from 'zod'
import type { Created, Options, PasskeyDevice, Signed } from './passkey-device.js'
import { codes, password, signInOf, visitor, type StartedAuth } from './start-auth.js'
import type { Answer } from './start-subgraph.js'

const PAIR = `accessToken expiresIn refreshToken refreshTokenExpiresAt
  session { id current userAgent ipAddress createdAt lastSeenAt expiresAt }
  user { id email role lastLoginAt createdAt }`
const REQUEST = `challenge rpId timeout userVerification allowCredentials { type id transports }`
const CREATION = `challenge timeout attestation rp { id name } user { id name displayName } pubKeyCredParams { type alg }
  excludeCredentials { type id transports } authenticatorSelection { residentKey requireResidentKey userVerification }`
const PASSKEY = 'id name createdAt lastUsedAt syncable backedUp transports'

const options = z.record(z.string(), z.unknown())
const passkey = z.object({
  id: z.string(),
  name: z.string(),
  lastUsedAt: z.string().nullable(),
  syncable: z.boolean(),
  backedUp: z.boolean(),
  transports: z.array(z.string()),
})
const registration = z.object({ passkey, recoveryCodes: z.array(z.string()).nullable() })

/** The options a first step was answered with. Throws where it was refused. */
export function optionsOf({ data, errors }: Answer): Options {
  if (errors.length > 0) throw new Error(`Refused: ${JSON.stringify(errors)}`)
  return options.parse(data?.['options'])
}

/** What a registration was answered with. Throws where it was refused. */
export function registrationOf({ data, errors }: Answer): z.output<typeof registration> {
  if (errors.length > 0) throw new Error(`Refused: ${JSON.stringify(errors)}`)
  return registration.parse(data?.['added'])
}

/** The operations, each as auth answers it. */
export function passkeyDoor(auth: StartedAuth) {
  return {
    beginRegistration: (token: string) =>
      auth.ask(`mutation { options: beginPasskeyRegistration { ${CREATION} } }`, {}, token),
    finishRegistration: (token: string, created: Created, name?: string) =>
      auth.ask(
        `mutation ($input: FinishPasskeyRegistrationInput!) {
          added: finishPasskeyRegistration(input: $input) { recoveryCodes passkey { ${PASSKEY} } } }`,
        { input: { ...created, name } },
        token,
      ),
    beginLogin: () => auth.ask(`mutation { options: beginPasskeyLogin { ${REQUEST} } }`),
    finishLogin: (input: Signed) =>
      auth.ask(`mutation ($input: PasskeyAssertionInput!) { login: finishPasskeyLogin(input: $input) { ${PAIR} } }`, {
        input,
      }),
    beginMfa: (challengeToken: string) =>
      auth.ask(`mutation ($token: String!) { options: beginPasskeyMfa(challengeToken: $token) { ${REQUEST} } }`, {
        token: challengeToken,
      }),
    finishMfa: (challengeToken: string, assertion: Signed) =>
      auth.ask(`mutation ($input: PasskeyMfaInput!) { login: finishPasskeyMfa(input: $input) { ${PAIR} } }`, {
        input: { challengeToken, assertion },
      }),
    beginStepUp: (token: string) =>
      auth.ask(`mutation { options: beginPasskeyReauthentication { ${REQUEST} } }`, {}, token),
    finishStepUp: (token: string, input: Signed) =>
      auth.ask(
        `mutation ($input: PasskeyAssertionInput!) { fresh: finishPasskeyReauthentication(input: $input) { accessToken expiresIn } }`,
        { input },
        token,
      ),
    async list(token: string) {
      const { data } = await auth.ask(`{ myPasskeys { ${PASSKEY} } }`, {}, token)
      return z.object({ myPasskeys: z.array(passkey) }).parse(data).myPasskeys
    },
    rename: (token: string, id: string, name: string) =>
      auth.ask(
        `mutation ($id: ID!, $name: String!) { renamePasskey(id: $id, name: $name) { ${PASSKEY} } }`,
        { id, name },
        token,
      ),
    remove: (token: string, id: string) => auth.ask('mutation ($id: ID!) { removePasskey(id: $id) }', { id }, token),
  }
}

/** Somebody new with a passkey on a device. */
export async function holderOn(auth: StartedAuth, device: PasskeyDevice) {
  const door = passkeyDoor(auth)
  const { email, signIn } = await visitor(auth).newcomer()
  const { accessToken, user, session } = await signIn()
  const created = await device.create(optionsOf(await door.beginRegistration(accessToken)))
  const { passkey: added, recoveryCodes } = registrationOf(await door.finishRegistration(accessToken, created))
  return {
    email,
    accessToken,
    userId: user.id,
    sessionId: session.id,
    created,
    passkey: added,
    recoveryCodes: recoveryCodes ?? [],
  }
}

/** A fresh token of the same session, in which its owner has proved the passkey on the device. */
export async function provedOn(auth: StartedAuth, device: PasskeyDevice, token: string): Promise<string> {
  const door = passkeyDoor(auth)
  const { data } = await door.finishStepUp(token, await device.sign(optionsOf(await door.beginStepUp(token))))
  return z.object({ fresh: z.object({ accessToken: z.string() }) }).parse(data).fresh.accessToken
}

/** Signs in by whatever passkey the device finds. */
export async function loginOn(auth: StartedAuth, device: PasskeyDevice) {
  const door = passkeyDoor(auth)
  return signInOf(await door.finishLogin(await device.sign(optionsOf(await door.beginLogin()))))
}

/** What the audit log holds about refused sign-ins to somebody's account, once it is written. */
export async function refusalsOf(auth: StartedAuth, token: string): Promise<readonly string[]> {
  const { data } = await auth.ask('{ myAuditLog(first: 50) { edges { node { action details } } } }', {}, token)
  const log = z.object({
    myAuditLog: z.object({ edges: z.array(z.object({ node: z.object({ action: z.string(), details: z.string() }) })) }),
  })
  const reason = z.object({ reason: z.string() })
  return log
    .parse(data)
    .myAuditLog.edges.filter(({ node }) => node.action === 'session.refused')
    .map(({ node }) => reason.parse(JSON.parse(node.details)).reason)
}

/** What somebody finds out about an account by other doors. */
export function accountDoor(auth: StartedAuth) {
  const login = (email: string) =>
    auth.ask(
      `mutation ($input: LoginInput!) { login(input: $input) {
        __typename ... on MfaChallenge { challengeToken methods } } }`,
      { input: { email, password } },
    )
  return {
    /** What the right password comes to: the name of the answer's type, or the code of the refusal. */
    async outcome(email: string) {
      const answer = await login(email)
      return codes(answer)[0] ?? named.parse(answer.data).login.__typename
    },
    challenge: async (email: string) => challenged.parse((await login(email)).data).login,
    verifyMfa: (challengeToken: string, code: string | undefined) =>
      auth.ask('mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { expiresIn } }', {
        input: { challengeToken, code },
      }),
    changePassword: (token: string, newPassword: string) =>
      auth.ask(
        'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }',
        { input: { currentPassword: password, newPassword } },
        token,
      ),
    async secondFactors(token: string) {
      const { data } = await auth.ask('{ mySecondFactors { totp passkeys recoveryCodesLeft } }', {}, token)
      return data?.['mySecondFactors']
    },
    async mailsTo(to: string) {
      const { data } = await auth.ask('query ($to: String!) { developmentMails(to: $to) { subject } }', { to })
      return mails.parse(data).developmentMails.map(({ subject }) => subject)
    },
    async actions(token: string) {
      const { data } = await auth.ask('{ myAuditLog(first: 50) { edges { node { action } } } }', {}, token)
      return log.parse(data).myAuditLog.edges.map(({ node }) => node.action)
    },
  }
}

const named = z.object({ login: z.object({ __typename: z.string() }) })
const challenged = z.object({ login: z.object({ challengeToken: z.string(), methods: z.array(z.string()) }) })
const mails = z.object({ developmentMails: z.array(z.object({ subject: z.string() })) })
const log = z.object({
  myAuditLog: z.object({ edges: z.array(z.object({ node: z.object({ action: z.string() }) })) }),
})
const fresh = z.object({ fresh: z.object({ accessToken: z.string() }) })

/** The access token of a fresh proof by whatever passkey the device finds. */
export async function stepUpOn(auth: StartedAuth, device: PasskeyDevice, token: string): Promise<string> {
  const door = passkeyDoor(auth)
  const signed = await device.sign(optionsOf(await door.beginStepUp(token)))
  return fresh.parse((await door.finishStepUp(token, signed)).data).fresh.accessToken
}
