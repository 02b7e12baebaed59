import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import type { Bus, FollowedEvent, FollowFrom } from './bus.js'
import { envelopeOf, take } from './bus-contract.js'

const topic = () => `p-${crypto.randomUUID().slice(0, 8)}`
const dataOf = (events: readonly FollowedEvent[]) => events.map(({ envelope }) => envelope.data)

/** The promises about where a follower stands in its log, checked through the bus port. `open` gives a bus whose log is this suite's own. */
export function describeFollowerPositions(name: string, open: () => Promise<Bus>): void {
  describe(`a follower of ${name}`, () => {
    let bus: Bus
    beforeAll(async () => {
      bus = await open()
    })
    afterAll(() => bus.close())

    describePositions(
      () => bus,
      (subject, data) => bus.publish(subject, envelopeOf(data)),
    )
  })
}

function describePositions(bus: () => Bus, publish: (subject: string, data: unknown) => Promise<void>): void {
  const follow = async (subject: string, from: FollowFrom) => {
    const follower = await bus().follow(subject, from)
    await follower.close()
    return follower
  }

  it('counts the events a follower has before it, and knows where the log ended', async () => {
    const [subject, other] = [`progress.${topic()}`, `progress.${topic()}`]
    for (const step of [1, 2, 3]) await publish(subject, step)
    await publish(other, 'newest')
    const all = await bus().follow(subject, 'all')
    const [newest] = await take(await bus().follow(other, 'all'), 1)
    const events = await take(all, 3)
    expect(all).toMatchObject({ backlog: 3, head: newest?.sequence })
    expect(await follow(subject, { afterSequence: events[0]?.sequence ?? 0 })).toMatchObject({ backlog: 2 })
    expect(await follow(subject, 'new')).toMatchObject({ backlog: 0, head: all.head })
    expect(await follow('progress.>', { afterSequence: all.head })).toMatchObject({ backlog: 0, head: all.head })
    await publish(subject, 4)
    expect((await take(all, 1))[0]?.sequence).toBe(all.head + 1)
    await all.close()
  })

  it('goes on from its head with exactly what came after', async () => {
    const subject = `progress.${topic()}`
    await publish(subject, 'before')
    const opened = await follow(subject, 'new')
    await publish(subject, 'after')
    const follower = await bus().follow(subject, { afterSequence: opened.head })
    expect(follower.backlog).toBe(1)
    expect(dataOf(await take(follower, 1))).toEqual(['after'])
    await follower.close()
  })

  it('tells when what was stored has gone by', async () => {
    const subject = `progress.${topic()}`
    const empty = await bus().follow(subject, 'all')
    await empty.caughtUp
    for (const step of [1, 2]) await publish(subject, step)
    const follower = await bus().follow(subject, 'all')
    let hasCaughtUp = false
    void follower.caughtUp.then(() => (hasCaughtUp = true))
    await take(follower, 1)
    expect(hasCaughtUp).toBe(false)
    await take(follower, 1)
    const next = take(follower, 1)
    await follower.caughtUp
    await publish(subject, 3)
    expect(dataOf(await next)).toEqual([3])
    await Promise.all([empty.close(), follower.close()])
  })

  it('begins at a time, with what was stored since', async () => {
    const subject = `progress.${topic()}`
    await publish(subject, 'before')
    await delay(20)
    const since = new Date()
    await delay(20)
    await publish(subject, 'after')
    const follower = await bus().follow(subject, { since })
    expect(follower.backlog).toBe(1)
    expect(dataOf(await take(follower, 1))).toEqual(['after'])
    await follower.close()
    const later = await bus().follow(subject, { since: new Date(Date.now() + 60_000) })
    expect(later.backlog).toBe(0)
    await publish(subject, 'next')
    expect(dataOf(await take(later, 1))).toEqual(['next'])
    await later.close()
    const all = await bus().follow(subject, { since: new Date(0) })
    expect(dataOf(await take(all, 3))).toEqual(['before', 'after', 'next'])
    await all.close()
  })

  it('knows whether it has handed over everything', async () => {
    const subject = `progress.${topic()}`
    await publish(subject, 1)
    const follower = await bus().follow(subject, 'all')
    expect(await follower.isCurrent()).toBe(false)
    await take(follower, 1)
    const next = take(follower, 1)
    while (!(await follower.isCurrent())) await delay(5)
    await publish(`${subject}.other`, 2)
    expect(await follower.isCurrent()).toBe(true)
    await publish(subject, 3)
    expect(dataOf(await next)).toEqual([3])
    await publish(subject, 4)
    expect(await follower.isCurrent()).toBe(false)
    await follower.close()
  })

  it('names a log the same for all who read it, and each log by another name', async () => {
    const [one, two, elsewhere] = [
      await follow(`progress.${topic()}`, 'new'),
      await follow('progress.>', 'all'),
      await follow(`events.${topic()}`, 'new'),
    ]
    expect(one.log).not.toBe('')
    expect(two.log).toBe(one.log)
    expect(elsewhere.log).not.toBe(one.log)
  })
}
