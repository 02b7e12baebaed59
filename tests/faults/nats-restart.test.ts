import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { setTimeout as delay } from 'node:timers/promises'
import { BusUnavailableError, EventsLostError, type Bus } from '../../platform/bus/bus.js'
import { envelopeOf, recorder, take } from '../../platform/bus/bus-contract.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, dropNamespace, newNamespace } from '../support/nats-namespace.js'
import { startNats, type PrivateServer } from '../support/private-servers.js'

const AWAY_MS = 2_000
const COUNT = 1_500
const numbers = Array.from({ length: COUNT }, (_, index) => index)

/** Kills the server at these positions of a run and starts it again some seconds later, while the run goes on. */
function outagesAt(server: PrivateServer, positions: readonly number[]) {
  const over: Promise<void>[] = []
  return {
    pass(position: number) {
      if (!positions.includes(position)) return
      const outage = async () => {
        await server.kill()
        await delay(AWAY_MS)
        await server.restart()
      }
      over.push(outage())
    },
    over: () => Promise.all(over),
  }
}

/** A consumer whose work is claimed by event id, as the inbox does. */
function idempotent() {
  const claimed = new Set<string>()
  const effects = recorder<unknown>()
  return {
    effects,
    handle: async ({ id, data }: { id: string; data: unknown }) => {
      if (claimed.has(id)) return
      claimed.add(id)
      effects.add(data)
    },
  }
}

const isWell = (bus: Bus) =>
  bus.check().then(
    () => true,
    () => false,
  )

await describeWithEngine('nats-server', 'the NATS bus when its server dies', () => {
  let server: PrivateServer
  let bus: Bus
  let other: Bus
  let namespace: string
  beforeEach(async () => {
    server = await startNats()
    namespace = newNamespace()
    bus = await connectTestBus(server.url, namespace)
    other = await connectTestBus(server.url, namespace)
  })
  afterEach(async () => {
    await Promise.all([bus.close(), other.close()])
    await server.close()
  })

  it('loses nothing and repeats nothing, for followers, consumers and publishers under way', async () => {
    const outages = outagesAt(server, [400, 900])
    const { effects, handle } = idempotent()
    await Promise.all([bus, other].map((one) => one.consume({ name: 'counter', subject: 'events.>', handle })))
    const follower = await other.follow('events.>', 'new')
    const seen = take(follower, COUNT)
    for (const number of numbers) {
      outages.pass(number)
      await bus.publish('events.counted', envelopeOf(number))
    }
    await outages.over()
    await effects.reached(COUNT)
    expect((await seen).map(({ envelope }) => envelope.data)).toEqual(numbers)
    expect(effects.seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers)
    const log = await bus.follow('events.>', 'all')
    expect((await take(log, COUNT)).map(({ envelope }) => envelope.data)).toEqual(numbers)
  }, 60_000)

  it('lets a follower go on in the middle of a replay', async () => {
    for (const number of numbers) void bus.publish('events.counted', envelopeOf(number))
    await bus.publish('events.end', envelopeOf('end'))
    const follower = await other.follow('events.counted', 'all')
    const first = await take(follower, 300)
    await server.kill()
    const rest = take(follower, COUNT - 300)
    await server.restart()
    expect([...first, ...(await rest)].map(({ envelope }) => envelope.data)).toEqual(numbers)
  }, 60_000)

  it('tells a log made anew from the one it had, though its positions look alike', async () => {
    for (const number of [1, 2]) await bus.publish('progress.counted', envelopeOf(number))
    const follower = await other.follow('progress.counted', 'all')
    await take(follower, 1)
    const next = take(follower, 3)
    const ended = expect(next).rejects.toThrow(EventsLostError)
    await dropNamespace(server.url, namespace)
    await server.kill()
    await server.restart()
    while (!(await isWell(bus))) await delay(20)
    for (const number of [3, 4, 5]) await bus.publish('progress.counted', envelopeOf(number))
    await ended
    const after = await other.follow('progress.counted', 'all')
    expect(after.log).not.toBe(follower.log)
    expect(after.head).toBeGreaterThan(follower.head)
  }, 60_000)

  it('says that it is away before it is back, and is well again when the server is back', async () => {
    const impatient = await connectTestBus(server.url, newNamespace(), { publishWaitMs: 300 })
    await server.kill()
    await expect(impatient.check()).rejects.toThrow(BusUnavailableError)
    await expect(impatient.publish('events.x', envelopeOf(1))).rejects.toThrow(BusUnavailableError)
    await expect(impatient.follow('events.x', 'new')).rejects.toThrow(BusUnavailableError)
    await server.restart()
    while (!(await isWell(impatient))) await delay(20)
    await impatient.publish('events.x', envelopeOf(2))
    await impatient.close()
  })
})
