import { describe, expect, it } from '@jest/globals'
import { AppError } from '../../../platform/errors/app-error.js'
import { createLogger } from '../../../platform/log/logger.js'
import { composeEventGraph } from '../fixtures/event-graph.js'
import { createScriptedBus } from '../fixtures/scripted-bus.js'
import { liveFieldsFrom } from './create-live-field.js'
import type { LiveField } from './live-field.js'

const graph = composeEventGraph(/* GraphQL */ `
  type Subscription {
    parcelMoved(id: ID!, towns: [String!]): ParcelMoved
      @eventStream(
        subject: "progress.parcel.{args.id}"
        replay: ALL
        guard: "query ($id: ID!) { parcel(id: $id) { id } }"
        endField: "state"
        endValues: ["DELIVERED"]
        filter: { OR: [{ field: "town", in: ["{args.towns}"] }, { field: "state", in: ["DELIVERED"] }] }
      )
    position(id: ID!): Position!
      @eventStream(
        subject: "progress.position.{args.id}"
        delivery: LATEST
        key: ["parcel.id", "town"]
        audience: ["tenant"]
        snapshot: "sharpPosition"
      )
    mine: ParcelMoved @eventStream(subject: "progress.owner.{claims.sub}")
    unsourced: ParcelMoved
  }
  type ParcelMoved {
    state: String!
    town: String
  }
  type Position @shareable {
    kilometre: Int
    parcel: Parcel @inaccessible
    town: String @inaccessible
  }
  type Parcel @key(fields: "id", resolvable: false) {
    id: ID!
  }
`)

const moved = 'subscription ($id: ID!, $towns: [String!]) { moved: parcelMoved(id: $id, towns: $towns) { state } }'

function given(sub?: string) {
  const lines: string[] = []
  const script = createScriptedBus()
  const logger = createLogger({
    service: 'test',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  })
  const create = liveFieldsFrom({ bus: script.bus })
  const claims = { sub }
  const principal = {
    userId: 'u',
    sessionId: 's',
    roles: [],
    permissions: new Set<string>(),
    expiresAtSeconds: 0,
    claims,
  }
  const caller = { principal: sub === undefined ? null : principal, authorization: null, address: null }
  const field = (operation: string, variables: Record<string, unknown> = {}, serviceName = 'events'): LiveField =>
    create(graph, { serviceName, operation }, { variables, caller, ids: { requestId: 'r', traceId: 't' } }, logger)
  return { script, lines, field }
}

const refused = (code: string) => expect.objectContaining({ constructor: AppError, code })
const refusalOf = (make: () => unknown): unknown => {
  try {
    return make()
  } catch (error) {
    return error
  }
}

describe('a live field fed with events', () => {
  it('is what its rule says', async () => {
    const { script, field } = given()
    const made = field(moved, { id: 'p1' })
    expect(made).toMatchObject({ name: 'parcelMoved', replay: 'ALL', audience: null, snapshot: null })
    expect(made.delivery).toEqual({ mode: 'LOSSLESS' })
    expect(made.guard).toEqual({ query: 'query ($id: ID!) { parcel(id: $id) { id } }', variables: { id: 'p1' } })
    expect(made.feed.isLog).toBe(true)
    await (await made.feed.open('new', new AbortController().signal)).close()
    expect(script.followed).toEqual([['progress.parcel.p1', 'new']])
    const position = field('subscription { position(id: "p1") { kilometre } }')
    expect(position).toMatchObject({ replay: 'NEW', guard: null, audience: ['tenant'], snapshot: 'sharpPosition' })
  })

  it('opens nothing by being made', () => {
    const { script, field } = given()
    field(moved, { id: 'p1' })
    expect(script.followed).toEqual([])
  })

  it('answers with the event as the operation asks, and knows the last', () => {
    const made = given().field(moved, { id: 'p1' })
    const event = { state: 'DELIVERED', town: 'Rome', more: 1 }
    expect(made.project(event)).toEqual({ data: { moved: { state: 'DELIVERED' } }, errors: [] })
    expect(made.isLast(event)).toBe(true)
    expect(made.isLast({ ...event, state: 'MOVING' })).toBe(false)
    expect(made.isLast('DELIVERED')).toBe(false)
  })

  it('admits what its filter lets through', () => {
    const made = given().field(moved, { id: 'p1', towns: ['Rome'] })
    const admitted = ['Rome', 'Bath'].map((town) => made.admits({ state: 'MOVING', town }))
    expect(admitted).toEqual([true, false])
    const mine = given('u1').field('subscription { mine { state } }')
    expect(mine.admits({ state: 'MOVING' })).toBe(true)
  })

  it('masks an event that does not fit, and logs where it does not, without what it holds', () => {
    const { field, lines } = given()
    const made = field(moved, { id: 'p1' })
    expect(refusalOf(() => made.project({ state: { secret: 'hidden' } }))).toEqual(refused('INT_INTERNAL_ERROR'))
    expect(lines.join()).toMatch(/"field":"parcelMoved","fields":\["moved.state"\]/)
    expect(lines.join()).not.toContain('hidden')
  })

  it('keeps the newest event of those that agree in the key', () => {
    const { delivery } = given().field('subscription { position(id: "p1") { kilometre } }')
    if (delivery.mode !== 'LATEST') throw new Error('not LATEST')
    const [one, again, other, none] = [
      { kilometre: 1, parcel: { id: 'a' }, town: 'Rome' },
      { kilometre: 2, parcel: { id: 'a' }, town: 'Rome' },
      { kilometre: 1, parcel: { id: 'a' }, town: 'Bath' },
      { kilometre: 1 },
    ].map((payload) => delivery.keyOf(payload))
    expect(again).toBe(one)
    expect(new Set([one, other, none]).size).toBe(3)
  })

  it('shares a projection with equal operations, variables and filters alone', () => {
    const { field } = given()
    const key = (variables: Record<string, unknown>, operation = moved) => field(operation, variables).projectionKey
    const one = key({ id: 'p1', towns: ['Rome'] })
    expect(key({ towns: ['Rome'], id: 'p1', unused: 1 })).toBe(one)
    const others = [
      key({ id: 'p2', towns: ['Rome'] }),
      key({ id: 'p1' }),
      key({ id: 'p1', towns: ['Rome'] }, moved.replace('moved:', '')),
    ]
    expect(new Set([one, ...others]).size).toBe(4)
  })

  it('refuses what cannot begin, by a code', () => {
    const { field } = given()
    expect(refusalOf(() => field(moved))).toEqual(refused('VAL_VALIDATION_FAILED'))
    for (const id of ['>', '*', 'p1.>', '', 'p 1']) {
      expect(refusalOf(() => field(moved, { id }))).toEqual(refused('VAL_INVALID_FORMAT'))
    }
    expect(refusalOf(() => field('subscription { mine { state } }'))).toEqual(refused('AUTH_TOKEN_INVALID'))
    expect(refusalOf(() => field('subscription { unsourced { state } }'))).toEqual(
      refused('SUBSCRIPTION_SOURCE_UNAVAILABLE'),
    )
    expect(given('u1').field('subscription { mine { state } }').feed.key).toBe('nats progress.owner.u1')
  })
})
