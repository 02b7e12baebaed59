import { describe, expect, it } from '@jest/globals'
import { createLogger } from '../log/logger.js'
import { EventsLostError } from './bus.js'
import { describeBusContract, envelopeOf, take } from './bus-contract.js'
import { describeFollowerPositions } from './follower-positions.js'
import { createInProcessBus } from './in-process-bus.js'

const logger = createLogger({ service: 'test', level: 'silent' })

const open = async () => createInProcessBus({ logger })
describeBusContract('the in-process bus', open)
describeFollowerPositions('the in-process bus', open)

describe('the in-process bus', () => {
  it('reaches a waiting follower in the tick of the publish', async () => {
    const bus = createInProcessBus({ logger })
    const follower = await bus.follow('progress.x', 'new')
    let seen = false
    const next = follower[Symbol.asyncIterator]()
      .next()
      .then(() => (seen = true))
    const endOfTick = new Promise((resolve) => setImmediate(resolve))
    await bus.publish('progress.x', envelopeOf(1))
    await endOfTick
    expect(seen).toBe(true)
    await next
    await bus.close()
  })

  it('drops what is too old, and says so to who asks for it', async () => {
    let now = Date.UTC(2026, 0, 1)
    const bus = createInProcessBus({ logger, clock: () => now })
    const slow = await bus.follow('progress.>', 'new')
    await bus.publish('progress.x', envelopeOf('old'))
    const follower = await bus.follow('progress.x', 'all')
    const [old] = await take(follower, 1)
    now += 16 * 60_000
    await bus.publish('progress.x', envelopeOf('young'))
    const late = await bus.follow('progress.x', 'all')
    expect((await take(late, 1))[0]?.envelope.data).toBe('young')
    await expect(bus.follow('progress.x', { afterSequence: (old?.sequence ?? 0) - 1 })).rejects.toThrow(EventsLostError)
    await expect(take(slow, 1)).rejects.toThrow(EventsLostError)
    expect((await take(follower, 1))[0]?.envelope.data).toBe('young')
    await bus.close()
  })

  it('keeps a bounded number of events', async () => {
    const bus = createInProcessBus({ logger })
    for (let index = 0; index < 21_000; index += 1) await bus.publish('events.x', envelopeOf(index))
    const follower = await bus.follow('events.x', 'all')
    const [oldest] = await take(follower, 1)
    expect(oldest?.envelope.data).toBeGreaterThan(500)
    await bus.close()
  })

  it('takes the same id again after two minutes', async () => {
    let now = Date.UTC(2026, 0, 1)
    const bus = createInProcessBus({ logger, clock: () => now })
    const envelope = envelopeOf('again')
    await bus.publish('events.x', envelope)
    now += 121_000
    await bus.publish('events.x', envelope)
    const follower = await bus.follow('events.x', 'all')
    expect(await take(follower, 2)).toHaveLength(2)
    await bus.close()
  })

  it('hands all readers something none of them can change', async () => {
    const bus = createInProcessBus({ logger })
    const data = { list: [1] }
    await bus.publish('events.x', envelopeOf(data))
    data.list.push(2)
    const [event] = await take(await bus.follow('events.x', 'all'), 1)
    expect(event?.envelope.data).toEqual({ list: [1] })
    expect(() => Object.assign(Object(event?.envelope.data), { list: [] })).toThrow(TypeError)
    await bus.close()
  })
})
