import { z } from 'zod'
import { readPhoneNumber } from '../../../platform/phone/phone-number.js'
import { lineText, nameText, storableText } from '../../../platform/graphql/text-input.js'

const email = z.string().trim().max(254).pipe(z.email('must be an e-mail address'))

const password = storableText({ max: 128 })
const newPassword = storableText({ min: 12, max: 128 })
const token = z.string().max(128)

const personName = nameText({ min: 2, max: 100 })

export const registerInput = z.object({ email, password: newPassword, name: personName })

export const emailInput = z.object({ email })

export const verifyEmailInput = z.object({ token, password })

export const resetPasswordInput = z.object({ token, newPassword })

export const changePasswordInput = z.object({ currentPassword: password, newPassword })

const code = z.string().max(64)

export const codeInput = z.object({ code })

export const verifyMfaInput = z.object({ challengeToken: token, code })

export const reauthenticateInput = z.object({ password, code: code.nullish().transform((given) => given ?? null) })

export const lockUserInput = z.object({ reason: lineText({ min: 3, max: 200 }) })

export const createUserInput = z.object({ email, name: personName })

export const auditFilter = z.object({
  action: z
    .string()
    .max(50)
    .nullish()
    .transform((given) => given ?? undefined),
  actorId: z
    .uuid()
    .nullish()
    .transform((given) => given ?? undefined),
  subjectId: z
    .uuid()
    .nullish()
    .transform((given) => given ?? undefined),
})

/** As people write it, read as E.164. */
export const phoneNumber = z
  .string()
  .max(40)
  .transform((text, context) => {
    const number = readPhoneNumber(text)
    if (number !== null) return number
    context.addIssue('must be an international number in use, such as +44 7400 123456')
    return z.NEVER
  })

export const registerWithPhoneInput = z.object({ number: phoneNumber, password: newPassword, name: personName })

export const phoneRegistrationInput = z.object({ registrationToken: token })

export const verifyPhoneRegistrationInput = z.object({ registrationToken: token, code })

export const loginWithPhoneInput = z.object({ number: phoneNumber, password })

export const phoneNumberInput = z.object({ number: phoneNumber })

export const resetPasswordWithPhoneInput = z.object({ number: phoneNumber, code, recoveryCode: code, newPassword })

export const loginInput = z.object({ email, password })

export const refreshTokenInput = z.object({ refreshToken: z.string().max(128) })

const scopes = z.array(z.string().max(64)).max(50)

export const issueServiceTokenInput = z.object({
  clientId: z.uuid(),
  clientSecret: z.string().max(128),
  scopes: scopes.nullish().transform((given) => given ?? null),
})

export const createServiceClientInput = z.object({ name: nameText({ min: 2, max: 100 }), scopes: scopes.min(1) })

const optional = (longest: number) =>
  z
    .string()
    .max(longest)
    .nullish()
    .transform((given) => given ?? null)

export const startProviderInput = z.object({
  provider: z.string().max(32),
  redirectUri: z.string().max(2_048),
  fresh: z.boolean().default(false),
})

export const finishProviderInput = z
  .object({
    browserSecret: token,
    state: token,
    code: optional(4_096),
    iss: optional(2_048),
    error: optional(200),
  })
  .transform(({ iss: issuer, ...rest }) => ({ ...rest, issuer }))
