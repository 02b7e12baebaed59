import { describe, expect, it } from '@jest/globals'
import { given, hub, join, log, told } from './fixtures/hub-in-test.js'
import { callerOf, type ScriptedClient } from './fixtures/scripted-hub.js'

/* Callers share executions here; each has a token of its own. What lasts longer speaks first. */
const follow = (userId: string, lastsUntil = 4e9) => join({ caller: callerOf(userId, {}, lastsUntil) })

const codes = ({ sink }: ScriptedClient) =>
  sink.answers.map(({ errors }) => errors?.map(({ extensions: { code } }) => code) ?? null)
const speakers = () => hub.executions.map(({ payload, by }) => [payload, by.split(' ')[0]])

describe('a token that subgraphs refuse', () => {
  it('refuses nobody else: the event is answered in another name, and who is refused is told so alone', async () => {
    given()
    const [ada, bob, cyd] = [follow('ada', 300), follow('bob', 200), follow('cyd', 100)]
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    hub.refusedBySubgraph.set('Bearer ada', 'AUTH_TOKEN_INVALID')
    log.emit('b', 'c')
    await hub.quiet()
    expect([told(bob), told(cyd)]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
    expect([codes(bob), codes(cyd)]).toEqual([
      [null, null, null],
      [null, null, null],
    ])
    expect([told(ada), codes(ada)]).toEqual([
      ['a', 'b', 'c'],
      [null, ['AUTH_TOKEN_INVALID'], ['AUTH_TOKEN_INVALID']],
    ])
    log.emit('d')
    await hub.quiet()
    expect(speakers().filter(([payload]) => payload === 'd')).toEqual([
      ['d', 'bob'],
      ['d', 'ada'],
    ])
  })

  it('is the same for all who have it', async () => {
    given()
    const [one, two, bob] = [follow('ada', 300), follow('ada', 300), follow('bob', 200)]
    await hub.quiet()
    hub.refusedBySubgraph.set('Bearer ada', 'AUTHZ_INSUFFICIENT_PERMISSIONS')
    log.emit('a')
    await hub.quiet()
    expect([one, two, bob].map(codes)).toEqual([
      [['AUTHZ_INSUFFICIENT_PERMISSIONS']],
      [['AUTHZ_INSUFFICIENT_PERMISSIONS']],
      [null],
    ])
    expect(speakers()).toEqual([
      ['a', 'ada'],
      ['a', 'bob'],
      ['a', 'ada'],
    ])
  })

  it('counts no more once there is a newer one: the stream is shared again, and misses nothing', async () => {
    given()
    const [ada, bob] = [follow('ada', 300), follow('bob', 200)]
    await hub.quiet()
    hub.refusedBySubgraph.set('Bearer ada', 'AUTH_TOKEN_EXPIRED')
    log.emit('a')
    await hub.quiet()
    ada.operation.renew(callerOf('eve', {}, 400))
    await hub.quiet()
    log.emit('b')
    await hub.quiet()
    expect([told(ada), told(bob)]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(speakers().filter(([payload]) => payload === 'b')).toEqual([['b', 'eve']])
  })

  it('is found out among many: each is tried once an event until one is not refused', async () => {
    given()
    const clients = ['ada', 'bob', 'cyd', 'eve'].map((name, index) => follow(name, 400 - index))
    await hub.quiet()
    for (const name of ['ada', 'bob', 'cyd']) hub.refusedBySubgraph.set(`Bearer ${name}`, 'AUTH_TOKEN_INVALID')
    log.emit('a')
    await hub.quiet()
    expect(clients.map(codes)).toEqual([
      [['AUTH_TOKEN_INVALID']],
      [['AUTH_TOKEN_INVALID']],
      [['AUTH_TOKEN_INVALID']],
      [null],
    ])
  })
})

describe('what subgraphs refuse to every token', () => {
  it('is the answer for all: it is tried with eight, and not again with the next event', async () => {
    given()
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`)
    for (const name of names) hub.refusedBySubgraph.set(`Bearer ${name}`, 'AUTHZ_FORBIDDEN')
    const clients = names.map((name, index) => follow(name, 400 - index))
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    expect(hub.executions).toHaveLength(8)
    expect(clients.map(codes)).toEqual(names.map(() => [['AUTHZ_FORBIDDEN']]))
    log.emit('b')
    await hub.quiet()
    expect(hub.executions).toHaveLength(9)
    expect(new Set(clients.map(({ sink }) => sink.messages.at(-1)?.head)).size).toBe(1)
  })

  it('costs one execution where there is one token', async () => {
    given()
    hub.refusedBySubgraph.set('Bearer ada', 'AUTHZ_FORBIDDEN')
    const clients = [follow('ada'), follow('ada')]
    await hub.quiet()
    log.emit('a')
    await hub.quiet()
    expect([clients.map(codes), hub.executions.length]).toEqual([[[['AUTHZ_FORBIDDEN']], [['AUTHZ_FORBIDDEN']]], 1])
  })
})
