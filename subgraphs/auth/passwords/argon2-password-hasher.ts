/**
 * Password hashing by argon2id. In: parameters and how much of it may go on at once. Out: the `PasswordHasher` of the domain,
 * off the event loop. It refuses, with the seconds to wait, what would wait too long, and never hashes without a place.
 */
import { hash, parseOptions, verify } from '@node-rs/argon2'
import { AppError } from '../../../platform/errors/app-error.js'
import type { PasswordHasher, PasswordHashing } from '../domain/password-hasher.js'
import { createSlots } from './slots.js'

export interface Argon2Settings {
  readonly memoryKib: number
  readonly iterations: number
  readonly parallelism: number
  /** Hashes computed at the same time; each takes `memoryKib` and a thread of libuv's four. */
  readonly concurrency: number
  /** Sign-ins under way at the same time, those that wait included. */
  readonly places: number
}

/** Opens the hasher; computes one hash, to which passwords of nobody are compared. */
export async function openArgon2PasswordHasher(settings: Argon2Settings): Promise<PasswordHasher> {
  const { memoryKib: memoryCost, iterations: timeCost, parallelism, concurrency, places } = settings
  const parameters = { memoryCost, timeCost, parallelism }
  const slots = createSlots(concurrency)
  const nobodys = await hash(crypto.randomUUID(), parameters)
  let admitted = 0
  let hashMs = 100 // a first guess; every hash corrects it

  const timed = async <T>(work: () => Promise<T>): Promise<T> =>
    slots.run(async () => {
      const started = performance.now()
      const result = await work()
      hashMs = 0.8 * hashMs + 0.2 * (performance.now() - started)
      return result
    })
  const hashing: PasswordHashing = {
    hash: (password) => timed(() => hash(password, parameters)),
    async verify(stored, password) {
      const matches = await timed(() => verify(stored ?? nobodys, password))
      return matches && stored !== null
    },
    isOutdated(stored) {
      const used = parseOptions(stored)
      return used.memoryCost !== memoryCost || used.timeCost !== timeCost || used.parallelism !== parallelism
    },
  }
  return {
    async admit(work) {
      if (admitted >= places) {
        throw new AppError('RATE_LIMIT_EXCEEDED', {
          retryAfterSeconds: Math.ceil((admitted * hashMs) / concurrency / 1000),
        })
      }
      admitted += 1
      try {
        return await work(hashing)
      } finally {
        admitted -= 1
      }
    },
  }
}
