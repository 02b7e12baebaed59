import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createLogger } from '../log/logger.js'
import { createInProcessCache } from './in-process-cache.js'
import { readThrough } from './read-through.js'

const logger = createLogger({ service: 'test', level: 'silent' })
const profile = z.object({ name: z.string() })

/** A source that can tell how often it was asked. */
function source(name: string) {
  const state = { loads: 0 }
  const load = async () => {
    state.loads += 1
    return { name }
  }
  return { state, load }
}

describe('reading through a cache', () => {
  it('loads once and then reads what was stored', async () => {
    const cache = createInProcessCache()
    const { state, load } = source('Ada')
    const read = () => readThrough(cache, 'profile:1', 60_000, profile, load, logger)
    expect([await read(), await read()]).toEqual([{ name: 'Ada' }, { name: 'Ada' }])
    expect(state.loads).toBe(1)
  })

  it.each(['{"name":7}', 'not json'])('loads instead of handing out %s', async (stored) => {
    const cache = createInProcessCache()
    await cache.set('profile:1', stored, 60_000)
    expect(await readThrough(cache, 'profile:1', 60_000, profile, source('Ada').load, logger)).toEqual({ name: 'Ada' })
    expect(await cache.get('profile:1')).toBe('{"name":"Ada"}')
  })

  it('goes on without a cache that is away', async () => {
    const cache = createInProcessCache()
    await cache.close()
    expect(await readThrough(cache, 'profile:1', 60_000, profile, source('Ada').load, logger)).toEqual({ name: 'Ada' })
  })

  it('keeps null apart from nothing, and stores no failure', async () => {
    const cache = createInProcessCache()
    const fail = async (): Promise<null> => {
      throw new Error('database away')
    }
    const read = (load: () => Promise<{ name: string } | null>) =>
      readThrough(cache, 'profile:none', 60_000, profile.nullable(), load, logger)
    await expect(read(fail)).rejects.toThrow('database away')
    expect(await read(async () => null)).toBeNull()
    expect(await read(fail)).toBeNull()
  })
})
