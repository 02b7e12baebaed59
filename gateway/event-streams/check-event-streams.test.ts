import { describe, expect, it } from '@jest/globals'
import { print } from 'graphql'
import { defaultDocumentLimits } from '../operation/default-limits.js'
import { createGeneration } from '../supergraph/generation.js'
import { composeEventGraph, type EventGraph } from '../subscriptions/fixtures/event-graph.js'
import { checkEventStreams } from './check-event-streams.js'

/** A supergraph with a live field, `moved`, that has these arguments, type and rule. */
function graphOf(rule: string, { args = '(id: ID!, towns: [String!])', type = 'Moved' } = {}): EventGraph {
  return composeEventGraph(/* GraphQL */ `
    type Subscription {
      moved${args}: ${type} @eventStream(${rule})
      position(id: ID!): Position @eventStream(subject: "progress.position.{args.id}", snapshot: "position")
    }
    type Moved {
      state: State!
      marks: [Mark!]
      parcel: Parcel
      owner: ID @inaccessible
    }
    type Mark { town: String }
    type Position @shareable { kilometre: Int }
    enum State { MOVING DONE }
    type Parcel @key(fields: "id", resolvable: false) { id: ID! }
  `)
}

function check(...about: Parameters<typeof graphOf>): void {
  const graph = graphOf(...about)
  checkEventStreams(graph.eventStreams, graph)
}

const subject = 'subject: "progress.x"'

describe('the event streams of a supergraph', () => {
  it.each([
    'subject: "progress.{claims.tenant-id}.{args.id}"',
    'subject: "shop.orders.{args.id}.*", source: STREAM',
    'subject: "weather", source: CORE',
    `${subject}, endField: "state", endValues: ["DONE"]`,
    `${subject}, filter: { field: "marks.town", in: ["{args.towns}", "to {args.id}"] }`,
    `${subject}, filter: { OR: [{ field: "parcel.id", in: ["{args.id}"] }, { field: "owner", in: ["{claims.sub}"] }] }`,
    `${subject}, delivery: LATEST, key: ["parcel.id", "owner"]`,
    `${subject}, guard: "query ($id: ID!) { parcel(id: $id) { id } }"`,
  ])('may have %s', (rule) => {
    expect(() => check(rule)).not.toThrow()
  })

  it.each([
    ['subject: "progress.{args.none}"', 'there is no argument none'],
    ['subject: "progress.{args.towns}"', "the argument towns can't be part of a subject"],
    ['subject: "shop.{args.id}"', "'shop.x' must begin with events., progress. or dead-letter"],
    ['subject: "progress"', "'progress' is not a subject filter"],
    ['subject: "{args.id}.orders", source: STREAM', 'the first token of the subject must be without placeholders'],
    ['subject: "shop-{args.id}", source: CORE', 'the first token of the subject must be without placeholders'],
    ['subject: "$JS.{args.id}", source: CORE', "'$JS.x' is not a subject that begins with a token of its own"],
    ['subject: ">", source: CORE', "'>' is not a subject that begins with a token of its own"],
    ['subject: "_INBOX.{args.id}", source: STREAM', "'_INBOX.x' is not a subject that begins with a token of its own"],
    ['subject: "shop..{args.id}", source: STREAM', "'shop..x' is not a subject that begins with a token of its own"],
    ['subject: "progress.{id}"', "'progress.{id}' has braces"],
    [`${subject}, endField: "none", endValues: ["DONE"]`, "the payload's type has no field none"],
    [`${subject}, endField: "state", endValues: ["LOST"]`, 'State has no value LOST'],
    [`${subject}, endField: "parcel", endValues: ["DONE"]`, 'parcel has no value'],
    [`${subject}, filter: { field: "marks.name", in: ["a"] }`, "the payload's type has no field marks.name"],
    [`${subject}, filter: { field: "parcel", in: ["a"] }`, 'parcel has no value'],
    [`${subject}, filter: { NOT: { field: "state", in: ["{args.none}"] } }`, 'there is no argument none'],
    [`${subject}, filter: { field: "state", in: ["a {args.towns}"] }`, "the argument towns can't stand in"],
    [`${subject}, delivery: LATEST, key: ["marks.town"]`, "the payload's type has no field marks.town"],
    [`${subject}, delivery: LATEST, key: ["parcel"]`, "parcel can't be a key"],
    [`${subject}, guard: "{ nothing }"`, 'the guard is not a valid query'],
    [`${subject}, guard: "subscription { direct }"`, 'the guard must be one query'],
    [`${subject}, guard: "query ($parcel: ID!) { parcel(id: $parcel) { id } }"`, "the guard's variable parcel"],
    [`${subject}, snapshot: "nothing"`, 'Query has no field nothing'],
    [`${subject}, snapshot: "position"`, 'Query.position is not of the type Moved'],
  ])('may not have %s', (rule, reason) => {
    expect(() => check(rule)).toThrow(`@eventStream of moved: ${reason}`)
  })

  it.each(['position', 'sharpPosition'])('begin with the answer of Query.%s, of the same type', (snapshot) => {
    expect(() => check(`${subject}, snapshot: "${snapshot}"`, { type: 'Position' })).not.toThrow()
  })

  it.each([
    ['position', '(id: ID)', 'Position', 'an argument id of which this field has no equal'],
    ['positionNear', '(id: ID!)', 'Position', 'an argument town of which this field has no equal'],
    ['position', '(id: ID!)', 'Position!', 'not of the type Position!'],
    ['positions', '(id: ID!)', 'Position', 'not of the type Position'],
  ])('do not begin with Query.%s where the field is %s: %s', (snapshot, args, type, reason) => {
    expect(() => check(`${subject}, snapshot: "${snapshot}"`, { args, type })).toThrow(reason)
  })

  it('are checked when the supergraph is loaded', () => {
    const [good, bad] = ['position', 'nothing'].map((snapshot) =>
      print(graphOf(`${subject}, snapshot: "${snapshot}"`, { type: 'Position' }).supergraphDocument),
    )
    const load = (sdl = '') => createGeneration(1, sdl, { urlOverrides: new Map(), limits: defaultDocumentLimits })
    expect(load(good).eventStreams.ruleOf('moved')).toMatchObject({ snapshot: 'position' })
    expect(() => load(bad)).toThrow('@eventStream of moved: Query has no field nothing.')
  })

  it('come from subgraphs of events alone', () => {
    const graph = composeEventGraph()
    const elsewhere = { ...graph.eventStreams, eventSubgraphs: ['parcels'] }
    expect(() => checkEventStreams(elsewhere, graph)).toThrow(
      '@eventStream of parcelMoved: its subgraph must have an address that begins with nats:',
    )
  })
})
