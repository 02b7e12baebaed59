import { AppError } from '../../../platform/errors/app-error.js'
import type { By } from './manage-second-factors.js'
import type { LoginAttempts } from './login-attempts.js'
import type { LinkTokens } from './one-time-links.js'
import { creationOptions, type PasskeyCreationOptions } from './passkey-options.js'
import {
  PASSKEY_CHALLENGE_MS,
  type CreatedPasskey,
  type NewPasskey,
  type Passkey,
  type PasskeyChallenges,
  type PasskeyHolder,
  type PasskeyStore,
  type PasskeyVerifier,
  type RelyingParty,
} from './passkeys.js'
import { refuseTooMany } from './refuse-too-many.js'
import { refuseWeaker } from './refuse-weaker.js'
import { newRecoveryCodes, type RecoveryCodes, type SecondFactorStore } from './second-factors.js'

export interface ManagePasskeysDependencies {
  readonly relyingParty: RelyingParty
  readonly passkeys: PasskeyStore
  readonly passkeyChallenges: PasskeyChallenges
  readonly verifier: PasskeyVerifier
  readonly factors: Pick<SecondFactorStore, 'stateOf'>
  readonly recoveryCodes: RecoveryCodes
  readonly tokens: LinkTokens
  /** Challenges of one person: each is a row for five minutes. */
  readonly ownCeremonies: Pick<LoginAttempts, 'claim'>
  readonly now: () => Date
  readonly newId: () => string
}

/** A passkey that was created, as its owner wants it kept. */
export interface PasskeyToAdd extends CreatedPasskey {
  readonly name: string
  readonly transports: readonly string[]
}

export interface AddedPasskey {
  readonly passkey: Passkey
  /** Told this once; null where the account had a second factor before. */
  readonly recoveryCodes: readonly string[] | null
}

const MOST_PASSKEYS = 20 // each device a person has, and some

/** How a person adds, names and removes passkeys. Whoever calls has checked that the sign-in is fresh enough. */
export function createManagePasskeys(dependencies: ManagePasskeysDependencies) {
  const { relyingParty, passkeys, passkeyChallenges, verifier, factors, recoveryCodes, tokens, ownCeremonies } =
    dependencies
  const { now, newId } = dependencies
  return {
    /** What the browser is asked for; good once for five minutes, in this session and with this password. Throws AUTH_STEP_UP_REQUIRED, RATE_LIMIT_EXCEEDED. */
    async begin({ userId, sessionId, ...proved }: By): Promise<PasskeyCreationOptions> {
      refuseWeaker(proved, await factors.stateOf(userId))
      await refuseTooMany(ownCeremonies, `passkey-challenges:${userId}`)
      const holder = await holderOf(userId)
      const challenge = tokens.create()
      const expiresAt = new Date(now().getTime() + PASSKEY_CHALLENGE_MS)
      const binding = bindingOf(userId, sessionId, holder)
      await passkeyChallenges.add(tokens.fingerprint(challenge), binding, expiresAt)
      return creationOptions(relyingParty, userId, holder, await passkeys.list(userId), challenge)
    },
    /**
     * Adds it. Throws VAL_VALIDATION_FAILED for what is not in order or one too many, RES_ALREADY_EXISTS where it has an owner,
     * AUTH_TOKEN_INVALID where the session has ended meanwhile or the password was changed, AUTH_STEP_UP_REQUIRED.
     */
    async finish({ userId, ...by }: By, created: PasskeyToAdd): Promise<AddedPasskey> {
      const { passwordVersion, ...holder } = await holderOf(userId)
      const binding = bindingOf(userId, by.sessionId, { ...holder, passwordVersion })
      const challenge = verifier.challengeIn(created.clientDataJSON)
      const at = now()
      const isOurs = challenge !== null && (await passkeyChallenges.take(tokens.fingerprint(challenge), binding, at))
      const key = isOurs ? await verifier.verifyCreation(created, challenge) : null
      if (key === null) throw notAdded('This passkey could not be added: begin again.')
      refuseWeaker(by, await factors.stateOf(userId)) // it may be there only now
      const { name, transports } = created
      const passkey: NewPasskey = { ...key, id: newId(), userId, name, transports, createdAt: at }
      const { codes, fingerprints } = newRecoveryCodes(recoveryCodes, userId)
      const done = { ...by, at, passwordVersion, most: MOST_PASSKEYS }
      const addition = await passkeys.add(passkey, fingerprints, done)
      if (addition.kind === 'taken') {
        throw new AppError('RES_ALREADY_EXISTS', { message: 'This passkey belongs to an account already.' })
      }
      if (addition.kind === 'too-many') {
        throw notAdded(`An account has at most ${MOST_PASSKEYS} passkeys: remove one first.`)
      }
      return { passkey: { ...passkey, lastUsedAt: null }, recoveryCodes: addition.withCodes ? codes : null }
    },
    /** Oldest first. */
    list: (userId: string) => passkeys.list(userId),
    /** Throws RES_NOT_FOUND alike for one that is not there or somebody else's. */
    async rename({ userId, ...by }: By, id: string, name: string): Promise<Passkey> {
      const renamed = await passkeys.rename(userId, id, name, { ...by, at: now() })
      if (renamed === null) throw new AppError('RES_NOT_FOUND')
      return renamed
    },
    /** Throws RES_NOT_FOUND alike for one that is not there or somebody else's, RES_CONFLICT for the last way in. */
    async remove({ userId, ...by }: By, id: string): Promise<void> {
      if (!(await passkeys.remove(userId, id, { ...by, at: now() }))) throw new AppError('RES_NOT_FOUND')
    },
  }

  async function holderOf(userId: string): Promise<PasskeyHolder> {
    const holder = await passkeys.holderOf(userId)
    if (holder === null) throw new AppError('AUTH_TOKEN_INVALID')
    return holder
  }
}

export type ManagePasskeys = ReturnType<typeof createManagePasskeys>

function bindingOf(userId: string, sessionId: string, { passwordVersion }: PasskeyHolder): string {
  return `registration:${userId}:${sessionId}:${passwordVersion}`
}

function notAdded(message: string): AppError {
  return new AppError('VAL_VALIDATION_FAILED', { message })
}
