import { describe, expect, it } from '@jest/globals'
import { given, hub, join, log, told } from './fixtures/hub-in-test.js'
import { UNREADABLE } from './fixtures/scripted-log.js'

describe('a stream that begins', () => {
  it('does not wait for events where the newest thing in the log is none', async () => {
    given({ field: { replay: 'ALL' } })
    log.emit('a', UNREADABLE)
    const client = join()
    await hub.quiet()
    expect(told(client)).toEqual(['a'])
    log.emit(...Array.from({ length: 300 }, (_, index) => index), UNREADABLE)
    const late = join({ query: 'subscription { moved again }' })
    await hub.quiet()
    expect(told(late)).toHaveLength(301)
    expect(log.openReaders).toBe(1) // it had one of its own, and needs it no more
  })
})
