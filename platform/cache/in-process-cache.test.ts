import { expect, it } from '@jest/globals'
import { describeCacheContract } from './cache-contract.js'
import { createInProcessCache } from './in-process-cache.js'

describeCacheContract('the in-process cache', async () => createInProcessCache())

it('keeps a bounded number of keys, the most used ones', async () => {
  const cache = createInProcessCache({ maxEntries: 3 })
  for (const key of ['a', 'b', 'c']) await cache.set(key, key, 60_000)
  await cache.get('a')
  await cache.set('d', 'd', 60_000)
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((key) => cache.get(key)))).toEqual(['a', null, 'c', 'd'])
})
