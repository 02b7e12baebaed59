import { describe, expect, it } from '@jest/globals'
import { composeEventGraph } from './fixtures/event-graph.js'
import { readEventStreamRules } from './event-stream-rule.js'

const base = /* GraphQL */ `
  type Moved {
    state: String
  }
`

describe('the rules of event streams', () => {
  const graph = composeEventGraph()
  const rules = readEventStreamRules(graph.supergraphDocument)

  it('come through composition whole', () => {
    expect(rules.ruleOf('parcelMoved')).toEqual({
      subject: 'progress.parcel.{args.parcelId}',
      replay: 'ALL',
      guard: 'query ($parcelId: ID!) { parcel(id: $parcelId) { id } }',
      endField: 'state',
      endValues: ['DELIVERED', 'LOST'],
    })
  })

  it('begin with new events, unguarded and without an end, unless they say more', () => {
    expect(rules.ruleOf('mine')).toEqual({
      subject: 'progress.owner.{claims.sub}',
      replay: 'NEW',
      guard: null,
      endField: null,
      endValues: [],
    })
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
    const empty = composeEventGraph(`${base} type Subscription { moved: Moved @eventStream(subject: "") }`)
    expect(() => readEventStreamRules(empty.supergraphDocument)).toThrow(/@eventStream of moved/)
    const list = composeEventGraph(`${base} type Subscription { moved: [Moved!]! @eventStream(subject: "x") }`)
    expect(() => readEventStreamRules(list.supergraphDocument)).toThrow(/@eventStream of moved.*list/)
  })
})
