import { z } from 'zod'
import { nameText } from '../../../platform/graphql/text-input.js'

const base64url = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be Base64url without padding')

const credentialId = base64url(1_364) // 1023 bytes: Web Authentication Level 3, section 4
const clientDataJSON = base64url(4_096) // a challenge, an origin, and what browsers add
const name = nameText({ min: 1, max: 60 })

export const passkeyName = z.object({ name })

export const finishPasskeyRegistrationInput = z.object({
  name: name.nullish().transform((given) => given ?? 'Passkey'),
  id: credentialId,
  clientDataJSON,
  attestationObject: base64url(8_192), // without a statement: an id, a key, and what extensions add
  transports: z
    .array(z.string().regex(/^[a-z][a-z-]{0,31}$/, 'must be a transport such as internal'))
    .max(10)
    .nullish()
    .transform((given) => [...new Set(given ?? [])]),
})

export const passkeyAssertionInput = z.object({
  id: credentialId,
  clientDataJSON,
  authenticatorData: base64url(2_048),
  signature: base64url(1_024), // 512 bytes of RSA with 4096 bits are 683 characters
  userHandle: base64url(86) // 64 bytes: section 5.4.3
    .nullish()
    .transform((given) => given ?? null),
})

export const challengeTokenInput = z.object({ challengeToken: z.string().max(128) })

export const passkeyMfaInput = z.object({
  challengeToken: z.string().max(128),
  assertion: passkeyAssertionInput,
})
