import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.js'
import { CacheUnavailableError, type Cache } from '../../../platform/cache/cache.js'
import { createInProcessCache } from '../../../platform/cache/in-process-cache.js'
import { createLogger } from '../../../platform/log/logger.js'
import { createLogIn } from '../domain/log-in.js'
import type { PasswordHasher } from '../domain/password-hasher.js'
import { createCachedLoginAttempts } from './cached-login-attempts.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
const device = { userAgent: null, ipAddress: null }
const MINUTE = 60_000

function attemptsOver(cache: Cache) {
  return createCachedLoginAttempts({ cache, fallback: createInProcessCache(), logger })
}

/** The cache's promises about time, kept on a clock that a test moves. */
function cacheWithClock() {
  let now = 0
  const entries = new Map<string, { readonly value: string; readonly until: number }>()
  const live = (key: string) => {
    const entry = entries.get(key)
    return entry !== undefined && entry.until > now ? entry : undefined
  }
  const cache: Cache = {
    ...createInProcessCache(),
    get: async (key) => live(key)?.value ?? null,
    async set(key, value, ttlMs) {
      entries.set(key, { value, until: now + ttlMs })
    },
    async delete(key) {
      entries.delete(key)
    },
    async increment(key, ttlMs) {
      const { value, until } = live(key) ?? { value: '0', until: now + ttlMs }
      entries.set(key, { value: String(Number(value) + 1), until })
      return Number(value) + 1
    },
  }
  return { cache, pass: (ms: number) => void (now += ms) }
}

async function claims(attempts: ReturnType<typeof attemptsOver>, count: number, key = 'ada@example.com') {
  const allowed: boolean[] = []
  for (let n = 0; n < count; n++) allowed.push(await attempts.claim(key))
  return allowed
}

/** A hasher that tells what it compared, with one account behind it. */
function door(cache: Cache, options: { readonly isFull?: boolean } = {}) {
  const compared: (string | null)[] = []
  const hasher: PasswordHasher = {
    async admit(work) {
      if (options.isFull) throw new AppError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: 2 })
      return work({
        hash: async (password) => `hash of ${password}`,
        async verify(stored, password) {
          compared.push(stored)
          await Promise.resolve()
          return stored === `hash of ${password}`
        },
        isOutdated: () => false,
      })
    },
  }
  const logIn = createLogIn({
    hasher,
    attempts: attemptsOver(cache),
    credentials: {
      find: async (key) =>
        key === 'ada@example.com'
          ? {
              userId: 'ada',
              passwordHash: 'hash of winding gravel teapot',
              isConfirmed: false,
              hasSecondFactor: false,
              passwordVersion: 1,
              isLocked: false,
            }
          : null,
      replaceHash: async () => {},
    },
    mailRequests: { request: async () => {}, lookAtThem: () => {} },
    noteRefusal: () => {},
    afterwards: { run: () => true, close: async () => {} },
    needsConfirmation: false,
    now: () => new Date(),
    finishSignIn: { afterPassword: async () => null }, // what follows a right password is not this test's
  })
  return {
    compared,
    tryPassword: (password: string) => logIn('ada@example.com', password, device).catch((error) => error),
  }
}

describe('tries to sign in', () => {
  it('are five, then none for 15 minutes, then five again', async () => {
    const { cache, pass } = cacheWithClock()
    const attempts = attemptsOver(cache)

    expect(await claims(attempts, 4)).toEqual([true, true, true, true])
    pass(10 * MINUTE)
    expect(await claims(attempts, 3)).toEqual([true, false, false])
    pass(15 * MINUTE - 1)
    expect(await claims(attempts, 1)).toEqual([false]) // though the first failures are older than 15 minutes by now
    pass(1)
    expect(await claims(attempts, 6)).toEqual([true, true, true, true, true, false])
  })

  it('are locked twice as long each time, up to a day, and right ones between do not shorten it', async () => {
    const { cache, pass } = cacheWithClock()
    const attempts = attemptsOver(cache)
    const minutes: number[] = []
    for (let n = 0; n < 9; n++) {
      expect(await claims(attempts, 6)).toEqual([true, true, true, true, true, false])
      for (minutes.push(0); !(await attempts.claim('ada@example.com')); pass(MINUTE)) minutes[n] = (minutes[n] ?? 0) + 1
      await attempts.clear('ada@example.com')
    }

    expect(minutes).toEqual([15, 30, 60, 120, 240, 480, 960, 1_440, 1_440])
    pass(30 * 24 * 60 * MINUTE)
    await claims(attempts, 5)
    pass(15 * MINUTE)
    expect(await attempts.claim('ada@example.com')).toBe(true)
  })

  it('by what can not be guessed are locked as long each time', async () => {
    const { cache, pass } = cacheWithClock()
    const attempts = createCachedLoginAttempts({ cache, fallback: createInProcessCache(), logger, staysShort: true })
    for (let n = 0; n < 4; n++) {
      expect(await claims(attempts, 6)).toEqual([true, true, true, true, true, false])
      pass(15 * MINUTE)
    }
  })

  it('by guessers who never rest are 180 a month', async () => {
    const { cache, pass } = cacheWithClock()
    const attempts = attemptsOver(cache)
    let allowed = 0
    for (let minute = 0; minute < 30 * 24 * 60; minute += 5, pass(5 * MINUTE)) {
      while (await attempts.claim('ada@example.com')) allowed += 1
    }

    expect(allowed).toBe(180)
  })

  it('are counted an address, and forgotten with a success', async () => {
    const attempts = attemptsOver(createInProcessCache())
    await claims(attempts, 5)

    expect(await claims(attempts, 1, 'bob@example.com')).toEqual([true])
    await attempts.clear('ada@example.com')
    expect(await claims(attempts, 1)).toEqual([true])
  })

  it('are counted in the process while the cache is away', async () => {
    const away = () => Promise.reject(new CacheUnavailableError())
    const attempts = attemptsOver({ ...createInProcessCache(), get: away, increment: away, set: away, delete: away })

    expect(await claims(attempts, 6)).toEqual([true, true, true, true, true, false])
    await attempts.clear('ada@example.com')
    expect(await claims(attempts, 1)).toEqual([true])
  })

  it('leave no address in the keys of the cache', async () => {
    const keys: string[] = []
    const cache = createInProcessCache()
    const watched: Cache = { ...cache, increment: (key, ttlMs) => (keys.push(key), cache.increment(key, ttlMs)) }

    await claims(attemptsOver(watched), 1)

    expect(keys).toEqual([expect.not.stringMatching(/ada|example/)])
  })
})

describe('guessing', () => {
  it('by 100 wrong passwords at once compares five with the account, and costs 100 hashes', async () => {
    const { compared, tryPassword } = door(createInProcessCache())

    const refusals = await Promise.all(Array.from({ length: 100 }, (_, n) => tryPassword(`guess ${n}`)))

    expect(compared).toHaveLength(100)
    expect(compared.filter((stored) => stored !== null)).toHaveLength(5)
    expect(new Set(refusals.map((error) => `${error.code} ${error.message}`)).size).toBe(1)
  })

  it('while the queue is full counts nothing against the account', async () => {
    const cache = createInProcessCache()
    const full = door(cache, { isFull: true })
    for (let n = 0; n < 10; n++) {
      expect(await full.tryPassword('guess')).toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: 2 })
    }

    const { compared, tryPassword } = door(cache)
    await tryPassword('guess')

    expect(compared).toEqual(['hash of winding gravel teapot'])
  })
})
