import { describe, expect, it } from '@jest/globals'
import { openArgon2PasswordHasher } from './argon2-password-hasher.js'

const cheap = { memoryKib: 64, iterations: 1, parallelism: 1, concurrency: 2, places: 8 }

describe('the argon2 hasher', () => {
  it('hashes with argon2id and the parameters it is given', async () => {
    const hasher = await openArgon2PasswordHasher({ ...cheap, memoryKib: 65_536, iterations: 3, parallelism: 2 })

    const hash = await hasher.admit((hashing) => hashing.hash('winding gravel teapot'))

    expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/) // salt 16, key 32 bytes
  })

  it('knows the right password, and none for nobody', async () => {
    const hasher = await openArgon2PasswordHasher(cheap)
    await hasher.admit(async (hashing) => {
      const stored = await hashing.hash('winding gravel teapot')
      expect(await hashing.verify(stored, 'winding gravel teapot')).toBe(true)
      expect(await hashing.verify(stored, 'winding gravel teapots')).toBe(false)
      expect(await hashing.verify(null, 'winding gravel teapot')).toBe(false)
    })
  })

  it('knows a hash made with other parameters', async () => {
    const older = await openArgon2PasswordHasher(cheap)
    const newer = await openArgon2PasswordHasher({ ...cheap, iterations: 2 })
    const stored = await older.admit((hashing) => hashing.hash('winding gravel teapot'))

    expect(await older.admit(async (hashing) => hashing.isOutdated(stored))).toBe(false)
    await newer.admit(async (hashing) => {
      expect(hashing.isOutdated(stored)).toBe(true)
      expect(await hashing.verify(stored, 'winding gravel teapot')).toBe(true)
    })
  })

  it('refuses who finds no place, before their work begins, and takes them when one is free again', async () => {
    const hasher = await openArgon2PasswordHasher({ ...cheap, places: 2 })
    let open: () => void = () => {}
    const gate = new Promise<void>((resolve) => (open = resolve))
    const inside = [hasher.admit(() => gate), hasher.admit(() => gate)]
    let begun = false

    await expect(
      hasher.admit(async () => {
        begun = true
      }),
    ).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: expect.any(Number) })
    expect(begun).toBe(false)

    open()
    await Promise.all(inside)
    await expect(hasher.admit((hashing) => hashing.verify(null, 'x'))).resolves.toBe(false)
  })

  it('gives a place back when the work fails', async () => {
    const hasher = await openArgon2PasswordHasher({ ...cheap, places: 1 })

    await expect(hasher.admit(() => Promise.reject(new Error('no database')))).rejects.toThrow('no database')
    await expect(hasher.admit(async () => 'next')).resolves.toBe('next')
  })
})
