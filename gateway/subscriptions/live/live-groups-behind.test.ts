import { describe, expect, it } from '@jest/globals'
import { createGate } from '../../../tests/support/until.js'
import { given, hub, join, log, told } from './fixtures/hub-in-test.js'
import { RecordingSink } from './fixtures/recording-sink.js'
import { callerOf } from './fixtures/scripted-hub.js'

/** A client that only keeps what it is given: many of them. */
function takingSink(): RecordingSink {
  const sink = new RecordingSink()
  sink.next = (message) => {
    sink.messages.push(message)
    return true
  }
  return sink
}

describe('a slow group beside one that is quick', () => {
  const all = Array.from({ length: 3_000 }, (_, index) => index)
  const some = all.slice(0, 1_500)
  const slowTier = { caller: callerOf('ada', { tier: 1 }) }
  const quickTier = { caller: callerOf('bob', { tier: 2 }) }

  it('does not hold it up, and loses nothing: it reads the log alone until the feed reaches back to it', async () => {
    const gate = createGate()
    given({ answering: () => (hub.executions.at(-1)?.by === 'ada on 1' ? gate.opened : undefined) })
    const [ada, bob] = [join(slowTier), join(quickTier)]
    await hub.quiet()
    log.emit(...all)
    await hub.quiet()
    expect([told(ada), told(bob)]).toEqual([[], all])
    gate.open()
    await hub.quiet()
    expect([told(ada), ada.sink.lastWord]).toEqual([all, null])
    log.emit('next')
    await hub.quiet()
    expect([told(ada).at(-1), told(bob).at(-1)]).toEqual(['next', 'next'])
    expect(log.openings).toEqual(['new', { afterSequence: 16 }])
    expect(log.openReaders).toBe(1)
  })

  it('loses nothing where it is slow because it is large', async () => {
    given()
    const [first, bob] = [join(slowTier), join(quickTier)]
    const crowd = Array.from({ length: 1_000 }, () => join(slowTier, takingSink()))
    await hub.quiet()
    log.emit(...some)
    await hub.quiet()
    expect([told(first), told(bob)]).toEqual([some, some])
    expect(log.openings.length).toBeGreaterThan(1)
    for (const { sink } of crowd) {
      expect([sink.lastWord, sink.messages.length]).toEqual([null, some.length])
      expect(sink.messages.every((message, index) => message === first.sink.messages[index])).toBe(true)
    }
  })

  it('ends the one client that reads too slowly, who may resume, and nobody else', async () => {
    given()
    const [first, bob, slow] = [join(slowTier), join(quickTier), join(slowTier)]
    const crowd = Array.from({ length: 1_000 }, () => join(slowTier, takingSink()))
    await hub.quiet()
    slow.sink.isSlow = true
    log.emit(...some)
    await hub.quiet()
    log.truncate(some.length - 10)
    slow.operation.drained()
    await hub.quiet()
    expect([told(slow), slow.sink.lastWord]).toEqual([[0], 'SUBSCRIPTION_LAGGING'])
    expect([told(first), told(bob)]).toEqual([some, some])
    for (const { sink } of crowd) expect([sink.lastWord, sink.messages.length]).toEqual([null, some.length])
  })

  it.each([true, false])('ends with what it missed where that is kept nowhere (a log: %s)', async (isLog) => {
    const gate = createGate()
    given({ answering: () => (hub.executions.at(-1)?.by === 'ada on 1' ? gate.opened : undefined) }, { isLog })
    const [ada, bob] = [join(slowTier), join(quickTier)]
    await hub.quiet()
    log.emit(...all)
    await hub.quiet()
    log.truncate(2_000)
    gate.open()
    await hub.quiet()
    expect(told(bob)).toEqual(all)
    expect([told(ada).length, ada.sink.lastWord]).toEqual([isLog ? 16 : 0, 'SUBSCRIPTION_LAGGING'])
  })
})
