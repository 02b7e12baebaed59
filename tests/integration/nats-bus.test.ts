import { afterAll, expect, it } from '@jest/globals'
import { connect } from '@nats-io/transport-node'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { EventsLostError, type Bus } from '../../platform/bus/bus.js'
import { describeBusContract, envelopeOf, recorder, take } from '../../platform/bus/bus-contract.js'
import { describeFollowerPositions } from '../../platform/bus/follower-positions.js'
import { StartupError } from '../../platform/errors/startup-error.js'
import { describeWithEngine } from '../support/engines.js'
import { connectTestBus, dropNamespace, newNamespace } from '../support/nats-namespace.js'

await describeWithEngine('nats', 'the NATS bus', (url) => {
  const namespace = newNamespace()
  const open = () => connectTestBus(url(), namespace)
  afterAll(() => dropNamespace(url(), namespace))

  describeBusContract('the NATS bus', open)
  describeFollowerPositions('the NATS bus', open)
  describeStreams(url, namespace, open)

  it('keeps one namespace from seeing another', async () => {
    const other = newNamespace()
    const [here, there] = [await open(), await connectTestBus(url(), other)]
    const follower = await there.follow('events.>', 'all')
    await here.publish('events.shared', envelopeOf('here'))
    await there.publish('events.shared', envelopeOf('there'))
    expect((await take(follower, 1))[0]).toMatchObject({ subject: 'events.shared', envelope: { data: 'there' } })
    await Promise.all([here.close(), there.close()])
    await dropNamespace(url(), other)
  })

  it('reads ahead a bounded number of events and still shows a slow reader everything', async () => {
    const bus = await open()
    const follower = await bus.follow('events.many', 'new')
    const numbers = Array.from({ length: 500 }, (_, index) => index)
    await Promise.all(numbers.map((number) => bus.publish('events.many', envelopeOf(number))))
    const events = await take(follower, 500)
    expect(events.map(({ envelope }) => envelope.data)).toEqual(numbers)
    await bus.close()
  })

  it('tells an operator what to do when there is no server, without an address', async () => {
    const start = connectTestBus('nats://127.0.0.1:1', namespace, { connectWaitMs: 300 })
    await expect(start).rejects.toThrow(StartupError)
    await expect(start).rejects.toThrow(/^NATS did not answer for \d+ s: start it, or correct NATS_URL\.$/)
  })
})

function describeStreams(url: () => string, namespace: string, open: () => Promise<Bus>): void {
  it('puts bytes that are no event among the dead letters, and shows followers only events', async () => {
    const bus = await open()
    const raw = await connect({ servers: new URL(url()).host })
    const handled = recorder<unknown>()
    const follower = await bus.follow('events.garbage', 'new')
    await jetstream(raw).publish(`${namespace}.events.garbage`, 'not json {')
    await bus.publish('events.garbage', envelopeOf('good'))
    await bus.consume({ name: 'sorter', subject: 'events.garbage', handle: async ({ data }) => handled.add(data) })
    await handled.reached(1)
    expect(handled.seen).toEqual(['good'])
    expect((await take(follower, 1))[0]?.envelope.data).toBe('good')
    const manager = await jetstreamManager(raw)
    const letter = await manager.streams.getMessage(`${namespace}_DEAD_LETTERS`, {
      last_by_subj: `${namespace}.dead-letter.sorter.events.garbage`,
    })
    expect(letter?.string()).toBe('not json {')
    await Promise.all([bus.close(), raw.close()])
  })

  it('keeps its rules on streams that differ, and what an operator added', async () => {
    const raw = await connect({ servers: new URL(url()).host })
    const manager = await jetstreamManager(raw)
    const first = await open()
    await first.close()
    const { config } = await manager.streams.info(`${namespace}_PROGRESS`)
    const theirs = { max_age: 3_600_000_000_000, max_bytes: 50_000_000, max_msgs_per_subject: 5 }
    await manager.streams.update(config.name, { ...config, ...theirs })
    const second = await open()
    await second.close()
    const after = await manager.streams.info(config.name)
    expect(after.config).toMatchObject({ max_age: 900_000_000_000, max_bytes: 50_000_000, max_msgs_per_subject: -1 })
    await raw.close()
  })

  it('makes a stream anew that somebody deletes: what is published is stored, and followers know that theirs is gone', async () => {
    const raw = await connect({ servers: new URL(url()).host })
    const manager = await jetstreamManager(raw)
    const bus = await connectTestBus(url(), namespace, { followerTimes: { heartbeatMs: 500 } })
    const follower = await bus.follow('dead-letter.of.a', 'new')
    const ending = expect(take(follower, 1)).rejects.toThrow(EventsLostError)
    await manager.streams.delete(`${namespace}_DEAD_LETTERS`)
    await bus.publish('dead-letter.of.a', envelopeOf('after'))
    await ending
    await manager.streams.delete(`${namespace}_PROGRESS`)
    await (await bus.follow('progress.a', 'new')).close()
    expect((await take(await bus.follow('dead-letter.of.a', 'all'), 1))[0]?.envelope.data).toBe('after')
    await Promise.all([bus.close(), raw.close()])
  })
}
