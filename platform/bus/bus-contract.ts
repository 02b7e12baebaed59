import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { BusUnavailableError, EventsLostError, UnprocessableEventError } from './bus.js'
import type { Bus, Consumer, EventEnvelope, FollowedEvent, Follower } from './bus.js'

/** One test's own corner of the log, so that tests don't see each other's events. */
let topics = 0
const topic = () => `t${(topics += 1)}-${Date.now().toString(36)}`

const BACKOFF_MS = [20]

export function envelopeOf(data: unknown, id: string = crypto.randomUUID()): EventEnvelope {
  return { id, type: 'thing.happened', version: 1, occurredAt: new Date().toISOString(), traceId: 'a'.repeat(32), data }
}

/** Takes the next `count` events of a follower. */
export async function take(follower: Follower, count: number): Promise<FollowedEvent[]> {
  const taken: FollowedEvent[] = []
  const iterator = follower[Symbol.asyncIterator]()
  while (taken.length < count) {
    const { done, value } = await iterator.next()
    if (done === true) break
    taken.push(value)
  }
  return taken
}

/** What a handler was called with, and a promise for the moment it has been called often enough. */
export function recorder<T>() {
  const seen: T[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  return {
    seen,
    add(value: T) {
      seen.push(value)
      for (const { count, resolve } of waiting) if (seen.length >= count) resolve()
    },
    reached(count: number): Promise<void> {
      if (seen.length >= count) return Promise.resolve()
      return new Promise((resolve) => waiting.push({ count, resolve }))
    },
  }
}

const dataOf = (events: readonly FollowedEvent[]) => events.map(({ envelope }) => envelope.data)

/** The promises of the bus port, checked through it alone. `open` gives a bus whose log is this suite's own. */
export function describeBusContract(name: string, open: () => Promise<Bus>): void {
  describe(`${name} as a bus`, () => {
    let bus: Bus
    const publish = (subject: string, data: unknown) => bus.publish(subject, envelopeOf(data))
    beforeAll(async () => {
      bus = await open()
    })
    afterAll(() => bus.close())

    describePublishing(() => bus)
    describeFollowers(() => bus, publish)
    describeConsumers(() => bus, publish)
    describeEnd(open)
  })
}

type Publish = (subject: string, data: unknown) => Promise<void>

function describePublishing(bus: () => Bus): void {
  it('stores an event once, however often its id is published', async () => {
    const subject = `events.${topic()}`
    const envelope = envelopeOf('first')
    await bus().publish(subject, envelope)
    await bus().publish(subject, { ...envelope, data: 'second' })
    await bus().publish(subject, envelopeOf('last'))
    const follower = await bus().follow(subject, 'all')
    expect(dataOf(await take(follower, 2))).toEqual(['first', 'last'])
    await follower.close()
  })

  it('hands over what was published, as JSON carries it', async () => {
    const subject = `events.${topic()}`
    const envelope = { ...envelopeOf({ text: 'Grüße, 世界', none: null }), actorId: 'somebody' }
    await bus().publish(subject, envelope)
    const follower = await bus().follow(subject, 'all')
    expect((await take(follower, 1))[0]).toMatchObject({ subject, envelope })
    await follower.close()
  })

  it.each(['events', 'elsewhere.x', 'events.*', 'events.a.>', 'events..a', 'events.a b'])(
    'refuses to publish on %s',
    async (subject) => {
      await expect(bus().publish(subject, envelopeOf(1))).rejects.toThrow(TypeError)
    },
  )

  it('says that it is well', async () => {
    await expect(bus().check()).resolves.toBeUndefined()
  })
}

function describeFollowers(bus: () => Bus, publish: Publish): void {
  it('shows a new follower only what comes, in order', async () => {
    const subject = `progress.${topic()}`
    await publish(subject, 'before')
    const follower = await bus().follow(subject, 'new')
    for (const step of [1, 2, 3]) await publish(subject, step)
    const events = await take(follower, 3)
    expect(dataOf(events)).toEqual([1, 2, 3])
    const sequences = events.map(({ sequence }) => sequence)
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
    await follower.close()
  })

  it('lets a follower go on from a position, and then live', async () => {
    const subject = `progress.${topic()}`
    for (const step of [1, 2, 3]) await publish(subject, step)
    const first = await bus().follow(subject, 'all')
    const [seen] = await take(first, 1)
    await first.close()
    const second = await bus().follow(subject, { afterSequence: seen?.sequence ?? 0 })
    expect(dataOf(await take(second, 2))).toEqual([2, 3])
    await publish(subject, 4)
    expect(dataOf(await take(second, 1))).toEqual([4])
    await second.close()
  })

  it('shows every follower every event', async () => {
    const subject = `progress.${topic()}`
    const followers = await Promise.all([1, 2, 3].map(() => bus().follow(subject, 'new')))
    await publish(subject, 'for all')
    for (const follower of followers) {
      expect(dataOf(await take(follower, 1))).toEqual(['for all'])
      await follower.close()
    }
  })

  it('matches * as one token and > as the rest', async () => {
    const root = `events.${topic()}`
    const one = await bus().follow(`${root}.*.done`, 'new')
    const rest = await bus().follow(`${root}.>`, 'new')
    for (const tail of ['a.done', 'a.b.done', 'done', 'b.done']) await publish(`${root}.${tail}`, tail)
    await publish(root, 'the root itself')
    await publish(`${root}.c.done`, 'c.done')
    expect(dataOf(await take(one, 3))).toEqual(['a.done', 'b.done', 'c.done'])
    expect(dataOf(await take(rest, 5))).toEqual(['a.done', 'a.b.done', 'done', 'b.done', 'c.done'])
    await one.close()
    await rest.close()
  })

  it('refuses a position the log does not reach', async () => {
    const subject = `events.${topic()}`
    await expect(bus().follow(subject, { afterSequence: Number.MAX_SAFE_INTEGER })).rejects.toThrow(EventsLostError)
  })

  it('ends a follower that waits when it is closed or left', async () => {
    const closed = await bus().follow(`events.${topic()}`, 'new')
    const waiting = closed[Symbol.asyncIterator]().next()
    await closed.close()
    expect(await waiting).toMatchObject({ done: true })

    const left = await bus().follow(`events.${topic()}`, 'new')
    const iterator = left[Symbol.asyncIterator]()
    const pending = iterator.next()
    await iterator.return?.()
    expect(await pending).toMatchObject({ done: true })
  })
}

function describeConsumers(bus: () => Bus, publish: Publish): void {
  it('shows a durable consumer what is kept, and after a restart only what it has not handled', async () => {
    const subject = `events.${topic()}`
    const name = topic()
    const handled = recorder<unknown>()
    const start = () => bus().consume({ name, subject, handle: async ({ data }) => handled.add(data) })
    await publish(subject, 1)
    const first = await start()
    await handled.reached(1)
    await first.close()
    await publish(subject, 2)
    const second = await start()
    await publish(subject, 3)
    await handled.reached(3)
    await second.close()
    expect(handled.seen).toEqual([1, 2, 3])
  })

  it('shares the work among instances of one name, and repeats it for another name', async () => {
    const subject = `events.${topic()}`
    const [shared, alone] = [topic(), topic()]
    const busy = recorder<string>()
    const other = recorder<unknown>()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const instance = (label: string) =>
      bus().consume({ name: shared, subject, handle: async () => (busy.add(label), released) })
    const consumers = await Promise.all([instance('a'), instance('b')])
    consumers.push(await bus().consume({ name: alone, subject, handle: async ({ data }) => other.add(data) }))
    await publish(subject, 1)
    await publish(subject, 2)
    await Promise.all([busy.reached(2), other.reached(2)])
    expect(busy.seen.toSorted()).toEqual(['a', 'b'])
    expect(other.seen).toEqual([1, 2])
    release()
    await Promise.all(consumers.map((consumer) => consumer.close()))
  })

  it('tries again what a handler failed on, counting the tries', async () => {
    const subject = `events.${topic()}`
    const attempts = recorder<number>()
    const handle = async (_: EventEnvelope, { attempt }: { attempt: number }) => {
      attempts.add(attempt)
      if (attempt < 3) throw new Error('not yet')
    }
    const consumer = await bus().consume({ name: topic(), subject, handle, backoffMs: BACKOFF_MS })
    await publish(subject, 1)
    await attempts.reached(3)
    await consumer.close()
    expect(attempts.seen).toEqual([1, 2, 3])
  })

  it('puts what it gives up on among the dead letters, once a consumer, and goes on', async () => {
    const subject = `events.${topic()}`
    const names = [topic(), topic()]
    const letters = await bus().follow(`dead-letter.*.${subject}`, 'new')
    const handled = recorder<unknown>()
    const start = (name: string) =>
      bus().consume({
        name,
        subject,
        maxDeliver: 2,
        backoffMs: BACKOFF_MS,
        handle: async ({ data }) => failOn('bad', data, handled),
      })
    const consumers: Consumer[] = await Promise.all(names.map(start))
    const bad = envelopeOf('bad')
    await bus().publish(subject, bad)
    await publish(subject, 'good')
    const dead = await take(letters, 2)
    await handled.reached(2)
    expect(dead.map(({ subject: at }) => at).toSorted()).toEqual(
      names.map((name) => `dead-letter.${name}.${subject}`).toSorted(),
    )
    expect(dead.map(({ envelope }) => envelope)).toEqual([bad, bad])
    await Promise.all([...consumers, letters].map((open) => open.close()))
  })

  it('gives up at once on what can never be handled', async () => {
    const subject = `events.${topic()}`
    const attempts = recorder<number>()
    const letters = await bus().follow(`dead-letter.*.${subject}`, 'new')
    const handle = async (_: EventEnvelope, { attempt }: { attempt: number }) => {
      attempts.add(attempt)
      throw new UnprocessableEventError('not a thing')
    }
    const consumer = await bus().consume({ name: topic(), subject, handle })
    await publish(subject, 1)
    expect(await take(letters, 1)).toHaveLength(1)
    expect(attempts.seen).toEqual([1])
    await Promise.all([consumer.close(), letters.close()])
  })

  it('waits for the handler in flight when it closes', async () => {
    const subject = `events.${topic()}`
    const order: string[] = []
    const begun = recorder<true>()
    let release = () => {}
    const released = new Promise<void>((resolve) => (release = resolve))
    const consumer = await bus().consume({
      name: topic(),
      subject,
      async handle() {
        begun.add(true)
        await released
        order.push('handled')
      },
    })
    await publish(subject, 1)
    await begun.reached(1)
    const closing = consumer.close().then(() => order.push('closed'))
    release()
    await closing
    expect(order).toEqual(['handled', 'closed'])
  })

  it('refuses a durable name that would not fit into a subject', async () => {
    const consume = (name: string) => bus().consume({ name, subject: 'events.x', handle: async () => {} })
    await expect(consume('a.b')).rejects.toThrow(TypeError)
    await expect(consume('a b')).rejects.toThrow(TypeError)
  })
}

async function failOn(bad: unknown, data: unknown, handled: { add(value: unknown): void }): Promise<void> {
  if (data === bad) throw new Error('cannot')
  handled.add(data)
}

function describeEnd(open: () => Promise<Bus>): void {
  it('ends everything when it closes and answers nothing after', async () => {
    const bus = await open()
    const follower = await bus.follow(`events.${topic()}`, 'new')
    await bus.consume({ name: topic(), subject: `events.${topic()}`, handle: async () => {} })
    const waiting = follower[Symbol.asyncIterator]().next()
    await bus.close()
    expect(await waiting).toMatchObject({ done: true })
    await expect(bus.publish('events.x', envelopeOf(1))).rejects.toThrow(BusUnavailableError)
    await expect(bus.follow('events.x', 'new')).rejects.toThrow(BusUnavailableError)
    await expect(bus.check()).rejects.toThrow(BusUnavailableError)
  })
}
