import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.js'
import { createGate } from '../../../tests/support/until.js'
import { given, hub, join, log, told } from './fixtures/hub-in-test.js'
import { callerOf } from './fixtures/scripted-hub.js'
import { ScriptedLog } from './fixtures/scripted-log.js'

describe('a newer token', () => {
  it('moves its subscription at its position where it is answered differently', async () => {
    given()
    const [ada, bob] = [join(), join({ caller: callerOf('bob') })]
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    ada.operation.renew(callerOf('ada', { tier: 1 }))
    log.emit('b')
    await hub.quiet()
    expect([told(ada), told(bob)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(hub.executions.map(({ payload }) => payload)).toEqual(['a', 'b', 'b'])
    expect(log.openings).toHaveLength(1)
  })

  it('speaks for the group from then on where it lasts longest', async () => {
    given()
    join({ caller: callerOf('ada', {}, 200) })
    const bob = join({ caller: callerOf('bob', {}, 100) })
    await hub.quiet()
    bob.operation.renew(callerOf('bob', {}, 300))
    log.emit('a')
    await hub.quiet()
    expect(hub.executions.map(({ by }) => by)).toEqual(['bob on 1'])
  })

  it('ends what it may no longer see, with the code', async () => {
    given()
    const client = join()
    await hub.quiet()
    hub.refused.set('ada', new AppError('AUTHZ_FORBIDDEN'))
    client.operation.renew(callerOf('ada'))
    await hub.quiet()
    expect(client.sink.lastWord).toBe('AUTHZ_FORBIDDEN')
  })
})

describe('access', () => {
  it('is asked for again with every event: who has lost it ends, and the event is answered in another name', async () => {
    given()
    const ada = join({ caller: callerOf('ada', {}, 200) })
    const bob = join({ caller: callerOf('bob', {}, 100) })
    await hub.quiet()
    hub.refused.set('ada', new AppError('AUTH_STEP_UP_REQUIRED'))
    log.emit('a')
    await hub.quiet()
    expect([told(ada), ada.sink.lastWord]).toEqual([[], 'AUTH_STEP_UP_REQUIRED'])
    expect(told(bob)).toEqual(['a'])
    expect(hub.executions.map(({ by }) => by)).toEqual(['bob on 1'])
  })
})

describe('a guard', () => {
  const guarded = { guard: { query: '{ parcel }', variables: {} } }

  it.each<[string, (client: ReturnType<typeof join>) => void]>([
    ['a newer token', ({ operation }) => operation.renew(callerOf('ada'))],
    ['a newer token that is answered differently', ({ operation }) => operation.renew(callerOf('ada', { tier: 1 }))],
    ['a new supergraph', () => void hub.reload()],
  ])('is asked again with %s: whom it refuses by then ends with its code', async (_what, change) => {
    given({ field: guarded })
    hub.answerAsked = async () => ({ data: { parcel: 1 } })
    const client = join()
    await hub.quiet()
    change(client)
    log.emit('a')
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([['a'], null])
    hub.answerAsked = async () => ({ data: { parcel: null } })
    change(client)
    await hub.quiet()
    log.emit('b')
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([['a'], 'RES_NOT_FOUND'])
  })

  it('of many streams is asked for a few at a time when the graph changes', async () => {
    given({ field: guarded })
    hub.answerAsked = async () => ({ data: { parcel: 1 } })
    const clients = Array.from({ length: 100 }, () => join())
    await hub.quiet()
    let [underWay, most] = [0, 0]
    hub.answerAsked = async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      return { data: { parcel: 1 } }
    }
    await hub.reload()
    clients[50]?.operation.close()
    for (let turn = 0; turn < 20; turn += 1) await hub.quiet()
    expect(most).toBe(32)
    expect(hub.asked).toHaveLength(100 + 99)
    log.emit('a')
    await hub.quiet()
    expect(hub.executions).toEqual([{ payload: 'a', by: 'ada on 2' }])
  })

  it('that takes its time lets the stream go on meanwhile', async () => {
    given({ field: guarded })
    hub.answerAsked = async () => ({ data: { parcel: 1 } })
    const [staying, leaving] = [join(), join({ caller: callerOf('bob') })]
    await hub.quiet()
    const answered = createGate()
    hub.answerAsked = async () => {
      await answered.opened
      return { data: { parcel: 1 } }
    }
    await hub.reload()
    log.emit('a')
    await hub.quiet()
    expect(told(staying)).toEqual(['a'])
    leaving.operation.close()
    answered.open()
    await hub.quiet()
    log.emit('b')
    await hub.quiet()
    expect(hub.executions.map(({ by }) => by)).toEqual(['ada on 1', 'ada on 2'])
    expect([told(staying), told(leaving)]).toEqual([['a', 'b'], ['a']])
  })
})

describe('an operation that is planned anew every time', () => {
  it('is answered all the same', async () => {
    given()
    const clients = [join(), join()]
    await hub.quiet()
    hub.plansAnew = true
    log.emit('a', 'b')
    await hub.quiet()
    expect(clients.map(told)).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })
})

describe('a new supergraph', () => {
  it('takes everybody along at their positions, on the same reader, without a word', async () => {
    given({ turnsOf: () => 3 })
    const [quick, slow] = [join(), join()]
    await hub.quiet()
    slow.sink.isSlow = true
    log.emit('a', 'b')
    await hub.quiet()
    log.emit('c')
    await hub.reload()
    log.emit('d')
    slow.operation.drained()
    slow.sink.isSlow = false
    await hub.quiet()
    slow.operation.drained()
    await hub.quiet()
    for (const client of [quick, slow])
      expect([told(client), client.sink.lastWord]).toEqual([['a', 'b', 'c', 'd'], null])
    expect(log.openings).toEqual(['new'])
  })

  it('takes along what a group had left out and not yet told of', async () => {
    const delivery = { mode: 'LATEST', keyOf: () => 'one' } as const
    const answered = createGate()
    given({
      field: { delivery },
      turnsOf: () => 2,
      answering: (payload) => (payload === 40 ? answered.opened : undefined),
    })
    const client = join()
    await hub.quiet()
    log.emit(...Array.from({ length: 40 }, (_, index) => index + 1))
    await hub.quiet()
    expect(told(client)).toHaveLength(16)
    await hub.reload()
    log.emit(41)
    answered.open()
    await hub.quiet()
    const passed = client.sink.answers.map(({ extensions }) => 1 + (extensions?.gap?.missed ?? 0))
    expect(told(client).at(-1)).toBe(41)
    expect(passed.reduce((sum, count) => sum + count, 0)).toBe(41)
  })

  it('opens another source before it leaves the one it had', async () => {
    given({}, { isLog: false })
    const client = join()
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    const other = new ScriptedLog({ key: 'feed-2', isLog: false })
    const release = other.holdOpenings()
    await hub.reload({ feed: other })
    await hub.quiet()
    log.emit('b')
    await hub.quiet()
    expect([log.openReaders, other.openReaders]).toEqual([1, 1])
    release()
    await hub.quiet()
    expect([log.openReaders, other.openReaders]).toEqual([0, 1])
    log.emit('not followed')
    other.emit('c')
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([['a', 'b', 'c'], null])
    const gaps = client.sink.answers.map(({ extensions }) => extensions?.gap)
    expect(gaps).toEqual([undefined, undefined, { missed: null }]) // what the other one told meanwhile is not known
    client.operation.close()
    await hub.quiet()
    expect(other.openReaders).toBe(0)
  })

  it('ends what it no longer has', async () => {
    given()
    const client = join()
    await hub.quiet()
    await hub.reload(null)
    await hub.quiet()
    expect(client.sink.lastWord).toBe('SUBSCRIPTION_SCHEMA_CHANGED')
  })

  it('reaches those who are just beginning', async () => {
    given()
    const release = log.holdOpenings()
    const client = join()
    await hub.quiet()
    await hub.reload()
    release()
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    expect(hub.executions).toEqual([{ payload: 'a', by: 'ada on 2' }])
    expect(told(client)).toEqual(['a'])
  })
})
