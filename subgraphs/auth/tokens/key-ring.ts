/**
 * The keys that sign access tokens, as all replicas of auth share them. In: a store and a schedule. Out: the key that signs
 * now and the set that is published, both as they were a few seconds ago at most. It refuses to start without a current key.
 */
import { generateKeyPairSync } from 'node:crypto'
import { EnvelopeError } from '../../../platform/crypto/envelope-error.js'
import { StartupError } from '../../../platform/errors/startup-error.js'
import type { TokenEnds } from '../../../platform/identity/open-token-ends.js'
import type { Logger } from '../../../platform/log/logger.js'
import { changesDue, stateOf, type DueChanges, type KeyLife, type KeySchedule } from './key-schedule.js'
import { openSigningKey, publicPart, signingKeySchema, type SigningKey, type SigningKeys } from './signing-keys.js'

export interface StoredKey extends KeyLife {
  readonly publicKey: { readonly x: string }
}

export interface KeyStore {
  /** In no order. */
  list(): Promise<readonly StoredKey[]>
  /** The private key of a key that signs or is to sign. Null where there is none any more. Throws EnvelopeError. */
  open(kid: string): Promise<SigningKey | null>
  /** Does what `decide` says of the keys as they are, with no other process doing so meanwhile; `make` are the keys to be made. */
  change(at: Date, decide: (keys: readonly StoredKey[]) => KeyChange | null): Promise<void>
}

export interface KeyChange extends DueChanges {
  readonly made: SigningKey | null
  /** Keys from configuration, to begin with: the first signs, the others are only published. */
  readonly imported: readonly SigningKey[]
}

export interface KeyRing extends SigningKeys {
  /** Reads the keys again, after doing what is due. */
  refresh(): Promise<void>
  close(): Promise<void>
}

export interface KeyRingOptions {
  readonly store: KeyStore
  readonly schedule: KeySchedule
  /** With which an empty store begins; a new one is made where there are none. */
  readonly configured: readonly SigningKey[]
  readonly now: () => Date
  readonly logger: Logger
  /** Tells of keys that were revoked, here or on another replica: the keys are read again at once. */
  readonly tokenEnds?: Pick<TokenEnds, 'onEnd'> | undefined
  readonly refreshEveryMs?: number
}

const REFRESH_EVERY_MS = 5_000 // a key that another replica put in force signs here as well after so long

export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { store, schedule, configured, now, logger, refreshEveryMs = REFRESH_EVERY_MS } = options
  let keys = await settle(store, schedule, configured, now())
  let signing = await currentOf(store, keys, null)
  let underWay: Promise<void> | undefined

  const read = async (): Promise<void> => {
    try {
      const found = await settle(store, schedule, configured, now())
      signing = await currentOf(store, found, signing)
      keys = found
    } catch (error) {
      logger.warn({ err: error }, 'the signing keys could not be read; those known go on')
    } finally {
      underWay = undefined
    }
  }
  const refresh = (): Promise<void> => (underWay ??= read())
  const timer = setInterval(() => void refresh(), refreshEveryMs)
  timer.unref()
  const stopHearing = options.tokenEnds?.onEnd(({ claim }) => void (claim === 'kid' && refresh()))
  return {
    get current() {
      return signing
    },
    get publicSet() {
      return { keys: keys.map(({ kid, publicKey }) => publicPart(publicKey.x, kid)) }
    },
    refresh,
    async close() {
      clearInterval(timer)
      stopHearing?.()
      await underWay
    },
  }
}

/** Most times nothing is due: then it costs one statement. */
async function settle(store: KeyStore, schedule: KeySchedule, configured: readonly SigningKey[], at: Date) {
  for (;;) {
    const known = await store.list()
    if (known.length > 0 && changesDue(known, at, schedule) === null) return known
    await store.change(at, (keys) => {
      const isNew = keys.length === 0 && configured.length > 0
      return isNew ? { ...nothing, imported: configured } : completed(changesDue(keys, at, schedule))
    })
  }
}

const nothing = { retire: null, promote: null, make: null, made: null, remove: [] } as const

/** With the key that is to be made, if one is. */
export function completed(due: DueChanges | null): KeyChange | null {
  return due && { ...due, made: due.make === null ? null : newSigningKey(), imported: [] }
}

function newSigningKey(): SigningKey {
  return signingKeySchema.parse(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }))
}

async function currentOf(store: KeyStore, keys: readonly StoredKey[], known: SigningKeys['current'] | null) {
  const current = keys.find((key) => stateOf(key) === 'current')
  if (current !== undefined && current.kid === known?.kid) return known
  const key = current && (await store.open(current.kid).catch(refuseUnopened))
  if (!current || !key)
    throw new StartupError('There is no key to sign access tokens with: restore auth’s signing_keys.')
  return { kid: current.kid, key: await openSigningKey(key) }
}

function refuseUnopened(cause: unknown): never {
  if (!(cause instanceof EnvelopeError)) throw cause
  const remedy = 'give the master key it was sealed under in AUTH_MASTER_KEYS as well'
  throw new StartupError(`The key that signs access tokens can't be opened: ${remedy}.`, { cause })
}
