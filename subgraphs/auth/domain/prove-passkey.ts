import { networkOf } from '../../../platform/identity/address-network.js'
import type { RefusalDetails } from './audit.js'
import type { LoginAttempts } from './login-attempts.js'
import type { LinkTokens } from './one-time-links.js'
import type { ProvedUser } from './open-session.js'
import { requestOptions, type PasskeyRequestOptions } from './passkey-options.js'
import {
  PASSKEY_CHALLENGE_MS,
  userHandleOf,
  type OwnedPasskey,
  type Passkey,
  type PasskeyAssertion,
  type PasskeyChallenges,
  type PasskeyStore,
  type PasskeyVerifier,
  type RelyingParty,
} from './passkeys.js'
import { refuseTooMany } from './refuse-too-many.js'
import type { Device } from './session.js'

/** Why a passkey was refused, for the audit log. */
export type PasskeyRefusal = 'challenge' | 'owner' | 'proof' | 'counter' | 'account'

export interface ProvePasskeyDependencies {
  readonly relyingParty: RelyingParty
  readonly passkeys: Pick<PasskeyStore, 'find' | 'noteUse'>
  readonly passkeyChallenges: PasskeyChallenges
  readonly verifier: PasskeyVerifier
  readonly tokens: LinkTokens
  /** Writes down a proof with a known passkey that was refused; nobody waits for it. */
  readonly noteRefusal: (userId: string, device: Device, details: RefusalDetails) => void
  /** Whether an address must be confirmed before its account can be used. */
  readonly needsConfirmation: boolean
  /** Challenges, counted by the network of who asks and by whose they are: each is a row for five minutes. */
  readonly ceremonies: Pick<LoginAttempts, 'claim'>
  readonly ownCeremonies: Pick<LoginAttempts, 'claim'>
  /** Proofs, good or not, by whose passkey it is: each is an entry of the log. */
  readonly passkeyUses: Pick<LoginAttempts, 'claim'>
  readonly now: () => Date
}

/** Who asks for a challenge: somebody unknown, or somebody known with their passkeys. */
export type Asker = { readonly device: Device } | { readonly userId: string; readonly passkeys: readonly Passkey[] }

/** What a proof is asked for. */
export interface Ceremony {
  /** What the challenge was made for: purpose, and the account and session where there is one. */
  readonly binding: string
  /** Whose passkey it must be; null where that is what it is to tell. */
  readonly userId: string | null
}

/** Whether a passkey proves who somebody is. Guesses are not counted: nobody guesses a signature. */
export function createProvePasskey(dependencies: ProvePasskeyDependencies) {
  const { relyingParty, passkeys, passkeyChallenges, verifier, tokens, noteRefusal, needsConfirmation, now } =
    dependencies
  return {
    /**
     * A new challenge, good once for five minutes, with which passkeys may sign it. Throws RATE_LIMIT_EXCEEDED above sixty in a
     * quarter of an hour for one person, or three hundred for the network of somebody unknown.
     */
    async request({ binding }: Pick<Ceremony, 'binding'>, from: Asker): Promise<PasskeyRequestOptions> {
      if ('userId' in from) await refuseTooMany(dependencies.ownCeremonies, `passkey-challenges:${from.userId}`)
      else await refuseTooMany(dependencies.ceremonies, `passkey-challenges:${networkOf(from.device.ipAddress)}`)
      const allowed = 'userId' in from ? from.passkeys : []
      const challenge = tokens.create()
      const expiresAt = new Date(now().getTime() + PASSKEY_CHALLENGE_MS)
      await passkeyChallenges.add(tokens.fingerprint(challenge), binding, expiresAt)
      return requestOptions(relyingParty, allowed, challenge)
    },
    /**
     * Who has signed; null for everything that is not in order, of which the audit log is told why. Throws RATE_LIMIT_EXCEEDED
     * above sixty good proofs in a quarter of an hour with the passkeys of one person.
     */
    async prove(assertion: PasskeyAssertion, ceremony: Ceremony, device: Device): Promise<ProvedUser | null> {
      const challenge = verifier.challengeIn(assertion.clientDataJSON)
      // used up whatever comes of it: nobody has a second try at one challenge
      const isOurs =
        challenge !== null && (await passkeyChallenges.take(tokens.fingerprint(challenge), ceremony.binding, now()))
      const known = await passkeys.find(assertion.id)
      if (known === null) return null
      const refusal = isOurs ? await refusalOf(known, assertion, ceremony, challenge) : 'challenge'
      const { userId } = known.owner
      if (refusal === null) {
        await refuseTooMany(dependencies.passkeyUses, `passkey-uses:${userId}`)
        return known.owner
      }
      // a flood of bad ones fills no log, and keeps nobody from using a good one
      const isNoted = await dependencies.passkeyUses.claim(`passkey-refusals:${userId}`)
      if (isNoted) noteRefusal(userId, device, { reason: `passkey-${refusal}` })
      return null
    },
  }

  async function refusalOf(
    known: OwnedPasskey,
    assertion: PasskeyAssertion,
    { userId }: Ceremony,
    challenge: string,
  ): Promise<PasskeyRefusal | null> {
    if (!isOwner(known, assertion, userId)) return 'owner'
    const state = await verifier.verifyAssertion(assertion, known, challenge)
    if (state === null || state.isBackupEligible !== known.isBackupEligible) return 'proof'
    if (known.isLocked || (needsConfirmation && !known.isConfirmed)) return 'account'
    return (await passkeys.noteUse(known.id, state, now())) ? null : 'counter'
  }
}

/** Section 7.2, step 6: where nobody is known yet the device must say whose the passkey is. */
function isOwner({ owner }: OwnedPasskey, { userHandle }: PasskeyAssertion, expected: string | null): boolean {
  if (expected === null) return userHandle === userHandleOf(owner.userId)
  return owner.userId === expected && (userHandle === null || userHandle === userHandleOf(expected))
}

export type ProvePasskey = ReturnType<typeof createProvePasskey>
