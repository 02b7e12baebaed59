import { describe, expect, it } from '@jest/globals'
import { parse } from 'graphql'
import { composeEventGraph } from '../subscriptions/fixtures/event-graph.js'
import { readEventStreamRules } from './event-stream-rule.js'

/** The rule of `moved`, of a supergraph of which nothing but the rule matters. */
const ruleOf = (field: string) => {
  const definition = parse(`type Subscription { ${field} } type Moved { state: String }`)
  return readEventStreamRules(definition).ruleOf('moved')
}

describe('the rules of event streams', () => {
  const graph = composeEventGraph()
  const rules = readEventStreamRules(graph.supergraphDocument)

  it('come through composition whole', () => {
    expect(rules.ruleOf('parcelMoved')).toEqual({
      subject: 'progress.parcel.{args.parcelId}',
      source: 'BUS',
      replay: 'ALL',
      guard: 'query ($parcelId: ID!) { parcel(id: $parcelId) { id } }',
      endField: 'state',
      endValues: ['DELIVERED', 'LOST'],
      filter: null,
      delivery: 'LOSSLESS',
      key: [],
      audience: null,
      snapshot: null,
    })
  })

  it('begin with new events, unguarded and without an end, unless they say more', () => {
    expect(rules.ruleOf('mine')).toEqual({
      subject: 'progress.owner.{claims.sub}',
      source: 'BUS',
      replay: 'NEW',
      guard: null,
      endField: null,
      endValues: [],
      filter: null,
      delivery: 'LOSSLESS',
      key: [],
      audience: null,
      snapshot: null,
    })
  })

  it('carry filters, delivery, audience and snapshot', () => {
    const moved = ruleOf(`
      moved(id: ID!, states: [String!]): Moved @eventStream(
        subject: "progress.x.{args.id}"
        filter: { field: "state", in: ["{args.states}"], NOT: { OR: [{ field: "by.name", in: ["a", "b"] }, { AND: [{ field: "state", in: [] }] }] } }
        delivery: LATEST, key: ["state", "by.name"], audience: [], snapshot: "moved"
      )`)
    expect(moved).toMatchObject({
      filter: {
        kind: 'all',
        of: [
          { kind: 'in', path: ['state'], values: ['{args.states}'] },
          {
            kind: 'not',
            of: {
              kind: 'any',
              of: [
                { kind: 'in', path: ['by', 'name'], values: ['a', 'b'] },
                { kind: 'all', of: [{ kind: 'in', path: ['state'], values: [] }] },
              ],
            },
          },
        ],
      },
      delivery: 'LATEST',
      key: [['state'], ['by', 'name']],
      audience: [],
      snapshot: 'moved',
    })
  })

  it.each([
    ['filter: {}', /an empty filter/],
    ['filter: { field: "state" }', /belong together/],
    ['filter: { in: ["a"] }', /belong together/],
    ['filter: { OR: [] }', /OR/],
    ['key: ["state"]', /`key` is for LATEST/],
    ['endField: "state"', /belong together/],
    ['endValues: ["DONE"]', /belong together/],
    ['replay: ALL, snapshot: "moved"', /not with both/],
    ['source: CORE, replay: ALL', /core NATS keeps nothing/],
    ['source: KAFKA', /source/],
    ['audience: [""]', /audience/],
  ])('refuse %s, naming the field', (rest, reason) => {
    const rule = () => ruleOf(`moved: Moved @eventStream(subject: "progress.x", ${rest})`)
    expect(rule).toThrow(/@eventStream of moved/)
    expect(rule).toThrow(reason)
  })

  it('are none for fields without the directive', () => {
    expect(rules.ruleOf('direct')).toBeNull()
    expect(rules.ruleOf('unsourced')).toBeNull()
    expect(rules.ruleOf('constructor')).toBeNull()
  })

  it('know the address of each subgraph', () => {
    expect(rules.addressOf('events')).toBe('nats://')
    expect(rules.addressOf('parcels')).toBe('http://127.0.0.1:1/graphql')
    expect(rules.addressOf('nobody')).toBeNull()
  })

  it('are read once a supergraph', () => {
    expect(readEventStreamRules(graph.supergraphDocument)).toBe(rules)
  })

  it('stay out of the schema that clients see', () => {
    expect(graph.apiFields.filter((name) => name.startsWith('eventStream'))).toEqual([])
  })

  it('refuse an empty subject and a list of events, naming the field', () => {
    expect(() => ruleOf('moved: Moved @eventStream(subject: "")')).toThrow(/@eventStream of moved/)
    expect(() => ruleOf('moved: [Moved!]! @eventStream(subject: "x")')).toThrow(/@eventStream of moved.*list/)
  })
})
