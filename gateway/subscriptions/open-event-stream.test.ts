import { describe, expect, it } from '@jest/globals'
import { GraphQLError, type ExecutionResult } from 'graphql'
import { BusUnavailableError } from '../../platform/bus/bus.js'
import { AppError } from '../../platform/errors/app-error.js'
import type { Principal } from '../../platform/identity/principal.js'
import { createLogger } from '../../platform/log/logger.js'
import { composeEventGraph } from './fixtures/event-graph.js'
import { createScriptedBus, type ScriptedBus } from './fixtures/scripted-bus.js'
import { openEventStream, type EventStreamOptions } from './open-event-stream.js'

const generation = composeEventGraph()
const moving = { state: 'MOVING', kilometres: 12, note: 'on the road', parcel: { id: 'p1' } }
const operation = /* GraphQL */ `
  subscription ($parcelId: ID!) {
    parcelMoved(parcelId: $parcelId) {
      state
      kilometres
      parcel {
        __typename
        id
      }
    }
  }
`

interface Given {
  readonly operation?: string
  readonly variables?: Record<string, unknown>
  readonly serviceName?: string
  readonly sub?: string
  readonly guard?: ExecutionResult
  readonly bus?: ScriptedBus
  readonly withoutBus?: boolean
}

function given(options: Given = {}) {
  const script = options.bus ?? createScriptedBus()
  const abort = new AbortController()
  const guarded: (readonly [string, unknown, number])[] = []
  const lines: string[] = []
  const settings: EventStreamOptions = {
    generation,
    fetch: { serviceName: options.serviceName ?? 'events', operation: options.operation ?? operation },
    request: {
      variables: options.variables ?? { parcelId: 'p1' },
      caller: {
        principal: options.sub === undefined ? null : principalOf(options.sub),
        authorization: null,
        address: null,
      },
      signal: abort.signal,
    },
    run: async (query, variables) => {
      guarded.push([query, variables, script.openFollowers()])
      return options.guard ?? { data: { parcel: { id: 'p1' } } }
    },
    bus: options.withoutBus ? null : script.bus,
    logger: createLogger({ service: 'test', level: 'trace', destination: { write: (line) => void lines.push(line) } }),
  }
  return { script, abort, guarded, lines, open: () => openEventStream(settings) }
}

function principalOf(sub: string): Principal {
  return { userId: sub, sessionId: 's', roles: [], permissions: new Set(), expiresAtSeconds: 0, claims: { sub } }
}

const refused = (code: string) => expect.objectContaining({ constructor: AppError, code })

describe('an event stream', () => {
  it('answers each event as the primary fetch would have', async () => {
    const { script, open } = given()
    const stream = await open()
    script.emit(moving)
    expect(await stream.next()).toEqual({
      done: false,
      value: { parcelMoved: { state: 'MOVING', kilometres: 12, parcel: { __typename: 'Parcel', id: 'p1' } } },
    })
    await stream.return()
  })

  it('honours aliases, fragments, directives and default arguments', async () => {
    const { script, open, guarded } = given({
      operation: /* GraphQL */ `
        subscription ($id: ID!, $without: Boolean = true) {
          ...Root
        }
        fragment Root on Subscription {
          move: parcelMoved(parcelId: $id) {
            ... on ParcelMoved {
              status: state
            }
            again: state
            note @skip(if: $without)
          }
        }
      `,
      variables: { id: 7 },
    })
    const stream = await open()
    script.emit(moving)
    expect((await stream.next()).value).toEqual({ move: { status: 'MOVING', again: 'MOVING' } })
    expect(script.followed).toEqual([['progress.parcel.7', 'all']])
    expect(guarded[0]?.[1]).toEqual({ parcelId: '7', verbose: false })
    await stream.return()
  })

  it('begins where its rule says, on the subject of the caller', async () => {
    const { script, open } = given({ operation: 'subscription { mine { state } }', sub: 'u1' })
    const stream = await open()
    expect(script.followed).toEqual([['progress.owner.u1', 'new']])
    await stream.return()
  })

  it('ends after an event that says so, also where the client does not ask for the field', async () => {
    const { script, open } = given({
      operation: 'subscription { parcelMoved(parcelId: "p1") { kilometres } }',
    })
    const stream = await open()
    script.emit(moving)
    script.emit({ ...moving, state: 'DELIVERED', kilometres: 13 })
    script.emit({ ...moving, kilometres: 14 })
    const seen: unknown[] = []
    for await (const data of stream) seen.push(data)
    expect(seen).toEqual([{ parcelMoved: { kilometres: 12 } }, { parcelMoved: { kilometres: 13 } }])
    expect(script.openFollowers()).toBe(0)
  })

  it('refuses an event that does not fit the schema with a masked error, and logs which event and field', async () => {
    for (const misfit of [
      { ...moving, state: 'TELEPORTED' },
      { ...moving, kilometres: 'far' },
      { ...moving, parcel: null },
      'text',
    ]) {
      const { script, open, lines } = given()
      const stream = await open()
      script.emit(misfit)
      await expect(stream.next()).rejects.toEqual(refused('INT_INTERNAL_ERROR'))
      expect(lines.join()).toMatch(/"eventId":"event-1".*"fields":\["parcelMoved/)
      expect(script.openFollowers()).toBe(0)
    }
  })
})

describe('the guard of an event stream', () => {
  it('is asked as a query with the arguments, when the follower is open already', async () => {
    const { open, guarded } = given()
    const stream = await open()
    expect(guarded).toEqual([
      ['query ($parcelId: ID!) { parcel(id: $parcelId) { id } }', { parcelId: 'p1', verbose: false }, 1],
    ])
    await stream.return()
  })

  it("answers a thing that is not there, or not the caller's, with RES_NOT_FOUND", async () => {
    for (const guard of [{ data: { parcel: null } }, { data: null }, {}]) {
      const { script, open } = given({ guard })
      await expect(open()).rejects.toEqual(refused('RES_NOT_FOUND'))
      expect(script.openFollowers()).toBe(0)
    }
  })

  it('refuses with its own code', async () => {
    const error = new GraphQLError('This belongs to somebody else.', {
      extensions: { code: 'AUTHZ_RESOURCE_OWNERSHIP' },
    })
    const { script, open } = given({ guard: { data: { parcel: null }, errors: [error] } })
    await expect(open()).rejects.toEqual(refused('AUTHZ_RESOURCE_OWNERSHIP'))
    expect(script.openFollowers()).toBe(0)
  })

  it('masks a guard that is broken itself', async () => {
    const error = new GraphQLError('Cannot query field "parcel".', {
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    })
    await expect(given({ guard: { errors: [error] } }).open()).rejects.toEqual(refused('INT_INTERNAL_ERROR'))
  })
})

describe("an event stream that can't begin", () => {
  it('says so without a bus, and where the bus does not answer', async () => {
    await expect(given({ withoutBus: true }).open()).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    const away = createScriptedBus()
    const bus = { ...away, bus: { ...away.bus, follow: () => Promise.reject(new BusUnavailableError()) } }
    await expect(given({ bus }).open()).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
  })

  it('follows nothing for an argument that would widen the subject', async () => {
    for (const parcelId of ['>', '*', 'p1.>', '', 'p1 ']) {
      const { script, open } = given({ variables: { parcelId } })
      await expect(open()).rejects.toEqual(refused('VAL_INVALID_FORMAT'))
      expect(script.followed).toEqual([])
    }
  })

  it('asks for a token where the subject needs a claim', async () => {
    const anonymous = given({ operation: 'subscription { mine { state } }' })
    await expect(anonymous.open()).rejects.toEqual(refused('AUTH_TOKEN_INVALID'))
  })

  it('refuses variables that do not fit', async () => {
    await expect(given({ variables: {} }).open()).rejects.toEqual(refused('VAL_VALIDATION_FAILED'))
  })

  it('refuses a selection that leaves no field', async () => {
    const none = given({ operation: 'subscription { parcelMoved(parcelId: "p1") @skip(if: true) { state } }' })
    await expect(none.open()).rejects.toEqual(refused('VAL_VALIDATION_FAILED'))
  })

  it('does not pretend for fields without an event source', async () => {
    const direct = given({ serviceName: 'parcels', operation: 'subscription { direct }' })
    await expect(direct.open()).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    const unsourced = given({ operation: 'subscription { unsourced { state } }' })
    await expect(unsourced.open()).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
  })
})

describe('an event stream nobody reads any more', () => {
  it('lets go of its follower while it waits for an event', async () => {
    const { script, open } = given()
    const stream = await open()
    const waiting = script.awaited()
    const next = stream.next()
    await waiting
    await stream.return()
    expect(await next).toEqual({ done: true, value: undefined })
    expect(script.openFollowers()).toBe(0)
  })

  it('lets go of its follower before anything was read', async () => {
    const { script, open } = given()
    await (await open()).return()
    expect(script.openFollowers()).toBe(0)
  })

  it('lets go of its follower when the request is aborted, before or after it opened', async () => {
    const later = given()
    const stream = await later.open()
    later.abort.abort()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    expect(later.script.openFollowers()).toBe(0)

    const before = given()
    before.abort.abort()
    expect(await (await before.open()).next()).toEqual({ done: true, value: undefined })
    expect(before.script.openFollowers()).toBe(0)
  })

  it('says that its source is gone when the broker is lost for good', async () => {
    const { script, open } = given()
    const stream = await open()
    script.fail(new BusUnavailableError())
    await expect(stream.next()).rejects.toEqual(refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
    expect(script.openFollowers()).toBe(0)
  })
})
