import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { buildSchema, execute, parse } from 'graphql'
import { createEventProjection, EventMisfitError } from './event-projection.js'

const schema = buildSchema(/* GraphQL */ `
  type Query {
    x: Int
  }
  type Subscription {
    moved(id: ID, state: State = MOVING): Moved
    sure: Moved!
  }
  scalar Any
  enum State {
    MOVING
    DONE
  }
  type Moved {
    id: ID!
    state: State
    weight: Float
    count: Int!
    flag: Boolean
    note(long: Boolean): String
    any: Any
    marks: [Mark!]
    grid: [[Int]!]
    next: Moved
    carrier: Carrier
    thing: Thing
  }
  type Mark {
    town: String!
    km: Int
  }
  interface Carrier {
    name: String
  }
  type Ship implements Carrier {
    name: String
    crew: Int
  }
  type Cart implements Carrier {
    name: String
    horses: Int!
  }
  union Thing = Ship | Mark
`)

const operations = [
  '{ moved { id state weight count flag note any } }',
  '{ m: moved { a: id b: id state s: state marks { t: town town } marks { km } grid } }',
  '{ moved { ...F next { ...F next { count } } } } fragment F on Moved { id count note(long: true) }',
  '{ moved { carrier { __typename name ... on Ship { crew } ... on Cart { horses } } thing { __typename ... on Mark { km } ... on Ship { crew } } } }',
  '{ moved { id @skip(if: $hide) ... @include(if: $more) { count marks { town } } ... on Moved @skip(if: $more) { state } } }',
  '{ ... on Subscription { sure { __typename any next { __typename } } } }',
].map(
  (selection, index) =>
    `subscription S${index}${index === 4 ? '($hide: Boolean!, $more: Boolean = true)' : ''} ${selection}`,
)

/** Mostly fits, and often does not: wrong scalars, missing fields, nulls where none may be, unknown types and fields. */
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.constantFrom('MOVING', 'DONE'),
)
const mostly = (right: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 20, arbitrary: right },
    { weight: 1, arbitrary: scalar.filter((value) => typeof value !== 'object') },
    { weight: 2, arbitrary: fc.constant(null) },
  )
const orNull = <Value>(right: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 8, arbitrary: right }, { weight: 1, arbitrary: fc.constant(null) })
const partly = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.oneof({ weight: 6, arbitrary: fc.record(shape) }, { weight: 1, arbitrary: fc.record(shape, { requiredKeys: [] }) })
const mark = partly({ town: mostly(fc.string()), km: mostly(fc.integer()), more: scalar })
const carrier = fc.oneof(
  partly({ __typename: fc.constant('Ship'), name: mostly(fc.string()), crew: mostly(fc.integer()) }),
  partly({ __typename: fc.constant('Cart'), name: mostly(fc.string()), horses: mostly(fc.integer()) }),
  partly({ __typename: fc.constantFrom('Mark', 'State', 'Nothing'), town: fc.string() }),
)
const moved: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  moved: partly({
    id: mostly(fc.string()),
    state: mostly(fc.constantFrom('MOVING', 'DONE')),
    weight: mostly(fc.double({ noNaN: true, noDefaultInfinity: true })),
    count: mostly(fc.integer()),
    flag: mostly(fc.boolean()),
    note: mostly(fc.string()),
    any: fc.jsonValue(),
    marks: orNull(fc.array(orNull(mark), { maxLength: 3 })),
    grid: orNull(fc.array(orNull(fc.array(mostly(fc.integer()), { maxLength: 3 })), { maxLength: 2 })),
    next: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constant(null), tie('moved')),
    carrier: orNull(carrier),
    thing: orNull(carrier),
    unknown: scalar,
  }),
})).moved

describe('the projection of an event', () => {
  it.each(operations)('answers as graphql-js would, or says that the event does not fit: %s', (operation) => {
    const counted = { fits: 0, misfits: 0 }
    fc.assert(
      fc.property(orNull(moved), fc.boolean(), fc.boolean(), (generated, hide, more) => {
        const payload: unknown = JSON.parse(JSON.stringify(generated))
        const variables = { hide, more }
        const projection = createEventProjection(schema, operation, variables)
        const theirs = execute({
          schema,
          document: parse(operation),
          rootValue: { [projection.field]: payload },
          variableValues: variables,
        })
        if (theirs instanceof Promise) throw new Error('graphql-js answered later')
        if (theirs.errors === undefined) {
          counted.fits += 1
          expect(projection.project(payload)).toEqual(JSON.parse(JSON.stringify(theirs.data)))
        } else {
          counted.misfits += 1
          expect(() => projection.project(payload)).toThrow(EventMisfitError)
        }
      }),
      { numRuns: 400 },
    )
    expect(Math.min(counted.fits, counted.misfits)).toBeGreaterThan(10)
  })

  it('tells where an event does not fit, never what it holds', () => {
    const projection = createEventProjection(schema, 'subscription { moved { marks { town } } }', {})
    const fault = () => projection.project({ marks: [{ town: 'Rome' }, { town: { secret: 'hidden' } }] })
    expect(fault).toThrow(expect.objectContaining({ fields: ['moved.marks.1.town'] }))
    expect(fault).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hidden') }))
  })

  it.each([['text'], [7], [[]], [{ id: 'a', next: 'text' }], [{ id: 'a', next: [] }]])(
    'refuses %j in place of objects',
    (payload) => {
      const projection = createEventProjection(schema, 'subscription { moved { note next { note } } }', {})
      expect(() => projection.project(payload)).toThrow(EventMisfitError)
    },
  )

  it('knows its field and arguments, defaults filled in', () => {
    const projection = createEventProjection(schema, 'subscription ($id: ID) { m: moved(id: $id) { id } }', {
      id: 7,
      other: 1,
    })
    expect(projection).toMatchObject({ field: 'moved', args: { id: '7', state: 'MOVING' }, variables: { id: '7' } })
  })
})
