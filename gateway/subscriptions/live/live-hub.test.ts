import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.js'
import { given, hub, join, log, told } from './fixtures/hub-in-test.js'
import { callerOf } from './fixtures/scripted-hub.js'

describe('subscriptions to the same', () => {
  it('share one reader, one execution an event and one text', async () => {
    given()
    const [ada, bob] = [join(), join({ caller: callerOf('bob') })]
    await hub.quiet()
    log.emit('a', 'b')
    await hub.quiet()
    expect([told(ada), told(bob)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(log.openings).toEqual(['new'])
    expect(hub.executions).toHaveLength(2)
    expect(ada.sink.messages[0]?.head).toBe(bob.sink.messages[0]?.head)
  })

  it('are executed apart where callers may be answered differently', async () => {
    given()
    join({ caller: callerOf('ada', { tier: 1 }) })
    join({ caller: callerOf('bob', { tier: 2 }) })
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    expect(log.openings).toHaveLength(1)
    expect(hub.executions.map(({ by }) => by).sort()).toEqual(['ada on 1', 'bob on 1'])
  })

  it('are executed in the name of whoever may longest', async () => {
    given()
    join({ caller: callerOf('ada', {}, 100) })
    const bob = join({ caller: callerOf('bob', {}, 300) })
    join({ caller: callerOf('cyd', {}, 200) })
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    bob.operation.close()
    log.emit('b')
    await hub.quiet()
    expect(hub.executions.map(({ by }) => by)).toEqual(['bob on 1', 'cyd on 1'])
  })

  it('come in the order of the events, however long each takes', async () => {
    given({ turnsOf: (payload) => (payload === 'slow' ? 9 : 0) })
    const client = join()
    await hub.quiet()
    log.emit('slow', 'quick', 'quick too')
    await hub.quiet()
    expect(told(client)).toEqual(['slow', 'quick', 'quick too'])
  })

  it('are not disturbed by one that leaves, nor by one whose door breaks', async () => {
    given()
    const [ada, bob, cyd] = [join(), join(), join()]
    ada.sink.onNext = () => bob.operation.close()
    cyd.sink.next = () => {
      throw new Error('broken')
    }
    const last = join()
    await hub.quiet()
    log.emit('a', 'b')
    await hub.quiet()
    expect([told(ada), told(bob), told(last)]).toEqual([['a', 'b'], [], ['a', 'b']])
  })
})

describe('a stream that begins', () => {
  it('replays what the log keeps where the field says so', async () => {
    given({ field: { replay: 'ALL' } })
    log.emit('a', 'b')
    const client = join()
    await hub.quiet()
    log.emit('c')
    await hub.quiet()
    expect(told(client)).toEqual(['a', 'b', 'c'])
  })

  it('is told where it begins, and can go on from there before its first answer', async () => {
    given()
    log.emit('before')
    const client = join()
    await hub.quiet()
    client.operation.close()
    log.emit('a', 'b')
    const resumed = join({ cursor: client.sink.beginning })
    await hub.quiet()
    expect([told(resumed), resumed.sink.beginning]).toEqual([['a', 'b'], null])
    const foreign = join({ cursor: client.sink.beginning, caller: callerOf('bob') })
    await hub.quiet()
    expect(foreign.sink.lastWord).toBe('CURSOR_INVALID')
  })

  it('is told nothing of where it begins without a log', async () => {
    given({}, { isLog: false })
    const client = join()
    await hub.quiet()
    expect(client.sink.beginning).toBeNull()
  })

  it('asks its guard when its reader is open, and stays closed where that refuses', async () => {
    given({ field: { guard: { query: '{ parcel }', variables: {} } } })
    hub.answerAsked = async () => {
      log.emit('meanwhile')
      return { data: { parcel: 1 } }
    }
    const client = join()
    await hub.quiet()
    expect(told(client)).toEqual(['meanwhile'])
    hub.answerAsked = async () => ({ data: { parcel: null } })
    const refused = join({ caller: callerOf('bob') })
    await hub.quiet()
    expect(refused.sink.lastWord).toBe('RES_NOT_FOUND')
  })

  it('begins with how things stand, then everything after', async () => {
    given({ field: { snapshot: 'parcel', replay: 'ALL' } })
    log.emit('before')
    hub.answerAsked = async () => {
      log.emit('meanwhile')
      return { data: { moved: 'as it stands' } }
    }
    const client = join()
    await hub.quiet()
    log.emit('after')
    await hub.quiet()
    expect(told(client)).toEqual(['as it stands', 'meanwhile', 'after'])
    expect(hub.asked).toEqual(['{ parcel }'])
    const again = join({ cursor: client.sink.answers[0]?.extensions?.cursor ?? null })
    await hub.quiet()
    expect(told(again)).toEqual(['meanwhile', 'after'])
  })

  it('is refused with the code of its source, with everybody who waits for it', async () => {
    given()
    const release = log.holdOpenings()
    const clients = [join(), join()]
    log.refusal = new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    release()
    await hub.quiet()
    expect(clients.map(({ sink }) => sink.lastWord)).toEqual(Array(2).fill('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
  })

  it('may be closed while it opens', async () => {
    given()
    log.holdOpenings()
    const client = join()
    await hub.quiet()
    expect(log.openReaders).toBe(1)
    client.operation.close()
    await hub.quiet()
    expect(log.openReaders).toBe(0)
  })
})

describe('a stream that ends', () => {
  it('is complete after its last event, and begins anew for who comes later', async () => {
    given({ field: { isLast: (payload) => payload === 'z', replay: 'ALL' } })
    const client = join()
    await hub.quiet()
    log.emit('a', 'z', 'never told')
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([['a', 'z'], 'complete'])
    const late = join()
    await hub.quiet()
    expect([told(late), late.sink.lastWord]).toEqual([['a', 'z'], 'complete'])
  })

  it('tells what has come before it tells that the source is gone', async () => {
    given({ turnsOf: () => 5 })
    const client = join()
    await hub.quiet()
    log.emit('a', 'b')
    log.cut(new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([['a', 'b'], 'SUBSCRIPTION_SOURCE_UNAVAILABLE'])
  })

  it('ends with the code its door gives, once', async () => {
    given()
    const client = join()
    await hub.quiet()
    client.operation.end('SUBSCRIPTION_TOKEN_EXPIRED')
    client.operation.end('SUBSCRIPTION_SESSION_ENDED')
    client.operation.close()
    log.emit('a')
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([[], 'SUBSCRIPTION_TOKEN_EXPIRED'])
  })
})

describe('a client that reads slowly', () => {
  it('is given the rest when it reads again, and delays nobody', async () => {
    given()
    const [slow, quick] = [join(), join()]
    await hub.quiet()
    slow.sink.isSlow = true
    log.emit('a', 'b', 'c')
    await hub.quiet()
    expect([told(slow), told(quick)]).toEqual([['a'], ['a', 'b', 'c']])
    slow.sink.isSlow = false
    slow.operation.drained()
    log.emit('d')
    await hub.quiet()
    expect(told(slow)).toEqual(['a', 'b', 'c', 'd'])
    expect(hub.executions).toHaveLength(4)
  })

  it('reads the log where the rest is no longer at hand', async () => {
    given()
    const slow = join()
    await hub.quiet()
    slow.sink.isSlow = true
    const all = Array.from({ length: 3_000 }, (_, index) => index)
    for (let index = 0; index < all.length; index += 10) {
      log.emit(...all.slice(index, index + 10))
      await hub.quiet()
    }
    slow.sink.isSlow = false
    slow.operation.drained()
    await hub.quiet()
    expect(told(slow)).toEqual(all)
    expect(log.openings).toEqual(['new', { afterSequence: 1 }])
  })

  it('waits for its turn where many read the log by themselves, and gives its place to others while it does not read', async () => {
    given()
    const slow = Array.from({ length: 70 }, () => join())
    await hub.quiet()
    for (const { sink } of slow) sink.isSlow = true
    const all = Array.from({ length: 1_200 }, (_, index) => index)
    for (let index = 0; index < all.length; index += 100) {
      log.emit(...all.slice(index, index + 100))
      await hub.quiet()
    }
    const [last, ...stuck] = slow.toReversed()
    if (last === undefined) throw new Error('there are seventy')
    for (const { operation } of stuck) operation.drained() // and hang again at once
    await hub.quiet()
    last.sink.isSlow = false
    last.operation.drained()
    await hub.quiet()
    expect(told(last)).toEqual(all)
    for (const { sink, operation } of stuck) {
      sink.isSlow = false
      operation.drained()
    }
    await hub.quiet()
    expect(stuck.every((client) => told(client).join() === all.join())).toBe(true)
    expect(log.mostReaders).toBe(1 + 64)
  })

  it('is ended where there is no log to read, or it does not reach back', async () => {
    for (const isLog of [true, false]) {
      given({}, { isLog })
      const slow = join()
      await hub.quiet()
      slow.sink.isSlow = true
      for (let index = 0; index < 300; index += 1) {
        log.emit(...Array(10).fill(index))
        await hub.quiet()
      }
      log.truncate(2_000)
      slow.operation.drained()
      await hub.quiet()
      expect([told(slow).length, slow.sink.lastWord]).toEqual([1, 'SUBSCRIPTION_LAGGING'])
    }
  })

  it.each([true, false])(
    'is given the newest a key where only that counts, and told of the gap (a log: %s)',
    async (isLog) => {
      const delivery = { mode: 'LATEST', keyOf: (payload: unknown) => String(payload)[0] ?? '' } as const
      given({ field: { delivery } }, { isLog })
      const [slow, quick] = [join(), join()]
      await hub.quiet()
      slow.sink.isSlow = true
      log.emit('a1', 'a2', 'b1', 'a3', 'b2')
      await hub.quiet()
      slow.sink.isSlow = false
      slow.operation.drained()
      log.emit('a4')
      await hub.quiet()
      expect(told(quick)).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'a4'])
      expect(told(slow)).toEqual(['a1', 'a3', 'b2', 'a4'])
      expect(slow.sink.answers.map(({ extensions }) => extensions?.gap?.missed)).toEqual([
        undefined,
        2,
        undefined,
        undefined,
      ])
    },
  )
})

describe('a group that answers slowly', () => {
  it('has its source wait for it, and loses nothing', async () => {
    given({ turnsOf: () => 1 })
    const client = join()
    await hub.quiet()
    const all = Array.from({ length: 3_000 }, (_, index) => index)
    log.emit(...all)
    await hub.quiet()
    expect([told(client), client.sink.lastWord]).toEqual([all, null])
  })

  it('leaves out all but the newest a key where only that counts, and says how many', async () => {
    const delivery = { mode: 'LATEST', keyOf: () => 'one' } as const
    given({ field: { delivery }, turnsOf: () => 2 })
    const client = join()
    await hub.quiet()
    log.emit(...Array.from({ length: 100 }, (_, index) => index + 1))
    await hub.quiet()
    expect(told(client)).toEqual([...Array.from({ length: 16 }, (_, index) => index + 1), 100])
    expect(client.sink.answers.at(-1)?.extensions?.gap).toEqual({ missed: 83 })
  })
})

describe('a group that hands out slowly', () => {
  const many = () => Array.from({ length: 600 }, () => join())
  const all = Array.from({ length: 120 }, (_, index) => index + 1)

  it('has its source wait for it, and loses nothing', async () => {
    given()
    const [first, ...others] = many()
    await hub.quiet()
    log.emit(...all)
    await hub.quiet()
    for (const client of [first, others.at(-1)]) expect(client && told(client)).toEqual(all)
  })

  it('has no more than a few answers wait: the rest is left out where only the newest counts, and told of', async () => {
    const delivery = { mode: 'LATEST', keyOf: () => 'one' } as const
    given({ field: { delivery } })
    const [first, ...others] = many()
    await hub.quiet()
    log.emit(...all)
    await hub.quiet()
    for (const client of [first, others.at(-1)]) {
      const gaps = client?.sink.answers.map(({ extensions }) => extensions?.gap?.missed ?? 0) ?? []
      expect(client && told(client).at(-1)).toBe(120)
      expect(gaps.length).toBeLessThan(100)
      expect(gaps.reduce((sum, missed) => sum + missed + 1, 0)).toBe(120)
    }
  })
})

describe('ten thousand clients', () => {
  it('are served while the event loop goes round, also those who come and go meanwhile', async () => {
    given()
    const clients = Array.from({ length: 10_000 }, () => join())
    await hub.quiet()
    const [first, second] = clients
    const last = clients.at(-1)
    if (!first || !second || !last) throw new Error('there are ten thousand')
    let turns = 0
    first.sink.onNext = () => void setImmediate(() => (turns += 1))
    second.sink.onNext = () => last.operation.close()
    log.emit('a', 'b')
    const late = join()
    await hub.quiet()
    expect(turns).toBeGreaterThan(0)
    expect(clients.slice(0, -1).every((client) => told(client).join() === 'a,b')).toBe(true)
    expect(told(last)).toEqual([])
    expect(['', 'b', 'a,b']).toContain(told(late).join())
  })
})

describe('what is counted', () => {
  it('is events, executions, deliveries, gaps, what was left out, resumes and ends', async () => {
    const counted: Record<string, number> = {}
    const count = (name: string, by = 1) => void (counted[name] = (counted[name] ?? 0) + by)
    const delivery = { mode: 'LATEST', keyOf: () => 'one' } as const
    given({
      field: { delivery },
      metrics: {
        operationStarted: () => count('started'),
        operationEnded: (reason) => count(reason),
        eventReceived: () => count('received'),
        executed: () => count('executed'),
        delivered: (receivers) => count('delivered', receivers),
        dropped: (missed, side) => count(`dropped by ${side}`, missed),
        gapTold: () => count('gaps'),
        resumed: (replayed) => count('replayed', replayed),
      },
    })
    const [quick, slow] = [join(), join()]
    await hub.quiet()
    slow.sink.isSlow = true
    for (const payload of ['a', 'b', 'c', 'd']) {
      log.emit(payload)
      await hub.quiet()
    }
    slow.sink.isSlow = false
    slow.operation.drained()
    join({ cursor: quick.sink.answers[1]?.extensions?.cursor ?? null })
    await hub.quiet()
    slow.operation.close()
    quick.operation.end('SUBSCRIPTION_TOKEN_EXPIRED')
    expect(counted).toEqual({
      started: 3,
      received: 4,
      executed: 4,
      delivered: 4 + 2 + 2, // to the quick one, the slow one, and again from the second on
      'dropped by client': 2,
      gaps: 1,
      replayed: 2,
      client: 1,
      token: 1,
    })
  })
})
