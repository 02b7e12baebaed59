import { PASSKEY_CHALLENGE_MS, userHandleOf, type Passkey, type PasskeyHolder, type RelyingParty } from './passkeys.js'

/** By their numbers in the IANA registry of COSE algorithms, best first: Ed25519, ES256, RS256 (Windows Hello has no other). */
export const PASSKEY_ALGORITHMS = [-8, -7, -257] as const

/** A passkey, as a browser looks for it. */
export interface PasskeyDescriptor {
  readonly type: 'public-key'
  readonly id: string
  readonly transports: readonly string[]
}

/** What `navigator.credentials.create` is asked for (Web Authentication Level 3, section 5.4). */
export function creationOptions(
  rp: RelyingParty,
  userId: string,
  { address }: Pick<PasskeyHolder, 'address'>,
  known: readonly Passkey[],
  challenge: string,
) {
  return {
    challenge,
    rp,
    user: { id: userHandleOf(userId), name: address, displayName: address },
    pubKeyCredParams: PASSKEY_ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: PASSKEY_CHALLENGE_MS,
    excludeCredentials: known.map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
  }
}

/** What `navigator.credentials.get` is asked for (section 5.5); any passkey will do where none is named. */
export function requestOptions(rp: RelyingParty, allowed: readonly Passkey[], challenge: string) {
  return {
    challenge,
    rpId: rp.id,
    timeout: PASSKEY_CHALLENGE_MS,
    allowCredentials: allowed.map(descriptorOf),
    userVerification: 'required',
  }
}

export type PasskeyCreationOptions = ReturnType<typeof creationOptions>
export type PasskeyRequestOptions = ReturnType<typeof requestOptions>

function descriptorOf({ credentialId, transports }: Passkey): PasskeyDescriptor {
  return { type: 'public-key', id: credentialId, transports }
}
