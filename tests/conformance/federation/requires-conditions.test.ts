import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

const parcels: readonly Row[] = [
  { __typename: 'Parcel', id: 'p1', weight: 3, size: { litres: 10, label: 'S' } },
  { __typename: 'Parcel', id: 'p2', weight: 5, size: { litres: 50, label: 'L' } },
]

describe('a field with requirements that is asked for under a condition', () => {
  const { dataOf, calls } = scenario({
    depot: {
      typeDefs: /* GraphQL */ `
        type Query {
          parcels: [Parcel!]!
        }
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int!
          size: Size!
        }
        type Size {
          litres: Int!
          label: String!
        }
      `,
      resolvers: { Query: { parcels: () => parcels }, Parcel: { __resolveReference: reference(parcels, 'id') } },
    },
    courier: {
      typeDefs: /* GraphQL */ `
        type Parcel @key(fields: "id") {
          id: ID!
          weight: Int! @external
          size: Size! @external
          carrier: String!
          freight: Int! @requires(fields: "weight")
          density: Int! @requires(fields: "weight size { litres }")
          tag(upper: Boolean = false): String! @requires(fields: "size { label }")
        }
        type Size {
          litres: Int! @external
          label: String! @external
        }
      `,
      resolvers: {
        Parcel: {
          carrier: ({ id }: Row) => `carrier of ${String(id)}`,
          freight: ({ weight }: Row) => Number(weight) * 2,
          density: ({ weight, size }: { weight: number; size: Row }) => (100 * weight) / Number(size['litres']),
          tag: ({ size }: { size: Row }) => `tag ${String(size['label'])}`,
        },
      },
    },
  })
  const used = '... @include(if: $yes) { id } ... @skip(if: $no) { id }'
  const query = (fields: string) => `query ($yes: Boolean!, $no: Boolean!) { parcels { ${used} ${fields} } }`
  const variables = { yes: true, no: false }

  it.each<[string, (parcel: Row) => Row]>([
    ['carrier freight @include(if: $no)', ({ id }) => ({ carrier: `carrier of ${String(id)}` })],
    ['carrier freight @skip(if: true)', ({ id }) => ({ carrier: `carrier of ${String(id)}` })],
    ['carrier ... @include(if: $no) { freight tag }', ({ id }) => ({ carrier: `carrier of ${String(id)}` })],
    [
      'carrier freight @include(if: $yes)',
      ({ id, weight }) => ({ carrier: `carrier of ${String(id)}`, freight: Number(weight) * 2 }),
    ],
    ['freight density @include(if: $no)', ({ weight }) => ({ freight: Number(weight) * 2 })],
    ['freight @skip(if: $yes) tag', ({ size }) => ({ tag: `tag ${String(Object(size).label)}` })],
    ['density @include(if: $no) tag', ({ size }) => ({ tag: `tag ${String(Object(size).label)}` })],
    ['freight @include(if: $yes) tag @skip(if: $yes)', ({ weight }) => ({ freight: Number(weight) * 2 })],
  ])('leaves %s to itself', async (fields, expected) => {
    expect(await dataOf(query(fields), variables)).toEqual({
      parcels: parcels.map((parcel) => ({ id: parcel['id'], ...expected(parcel) })),
    })
  })

  it('shares its call wherever what it requires is there in any case', async () => {
    await dataOf(query('freight carrier density @include(if: $no) size { litres }'), variables)
    expect(calls()).toEqual({ depot: 1, courier: 1 })
    expect(await dataOf(query('density freight @include(if: $yes) carrier'), variables)).toEqual({
      parcels: [
        { id: 'p1', density: 30, freight: 6, carrier: 'carrier of p1' },
        { id: 'p2', density: 10, freight: 10, carrier: 'carrier of p2' },
      ],
    })
    expect(calls()).toEqual({ depot: 2, courier: 2 })
  })
})
