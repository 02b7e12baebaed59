import { describe, expect, it } from '@jest/globals'
import { answerJson } from '../../support/test-subgraphs.js'
import { reference, scenario, type Row } from './scenario.js'

/** What the planner gets wrong when left alone: docs/adr/0006-correct-the-planner.md. */

const parcels = [
  { id: 'p1', weight: 2, price: 10 },
  { id: 'p2', weight: 5, price: 30 },
]
const rates: Readonly<Record<string, number>> = { USD: 1, EUR: 2, JPY: 100 }
const notes = [
  { id: 'n1', parcelId: 'p1', author: 'Ada', text: 'first' },
  { id: 'n2', parcelId: 'p1', author: 'Grace', text: 'second' },
  { id: 'n3', parcelId: 'p1', author: 'Linus', text: 'third' },
  { id: 'n4', parcelId: 'p2', author: 'Edsger', text: 'fourth' },
]

const depot = {
  typeDefs: /* GraphQL */ `
    type Query {
      parcels: [Parcel!]!
      parcel: Parcel
    }
    type Parcel @key(fields: "id") {
      id: ID!
      weight: Int!
      price(currency: Currency! = USD): Int!
      notes(first: Int!): [Note!]!
      size: Size!
    }
    type Size {
      length(unit: String): String!
    }
    type Note @key(fields: "id") {
      id: ID!
      text: String!
    }
    enum Currency {
      USD
      EUR
      JPY
    }
  `,
  resolvers: {
    Query: { parcels: () => parcels, parcel: () => parcels[0] },
    Parcel: {
      __resolveReference: reference(parcels, 'id'),
      price: ({ price }: { price: number }, { currency }: { currency: string }) => price * (rates[currency] ?? 0),
      notes: ({ id }: Row, { first }: { first: number }) => notes.filter((n) => n.parcelId === id).slice(0, first),
      size: ({ weight }: { weight: number }) => ({
        length: ({ unit }: { unit?: string }) => `${weight} ${unit ?? 'boxes'}`,
      }),
    },
    Note: { __resolveReference: reference(notes, 'id') },
  },
}

const authors = {
  typeDefs: /* GraphQL */ `
    type Note @key(fields: "id") {
      id: ID!
      author: String!
    }
  `,
  resolvers: { Note: { __resolveReference: reference(notes, 'id') } },
}

const customs = {
  typeDefs: /* GraphQL */ `
    type Parcel @key(fields: "id") {
      id: ID!
      weight: Int! @external
      price(currency: Currency! = USD): Int! @external
      notes(first: Int!): [Note!]! @external
      size: Size! @external
      dutyInDollars: Int! @requires(fields: "price(currency: USD) weight")
      dutyInEuros(factor: Int! = 1): Int! @requires(fields: "price(currency: EUR) weight")
      worth: Int! @requires(fields: "price")
      lastAuthor: String! @requires(fields: "notes(first: 3) { author }")
      hasNotes: Boolean! @requires(fields: "notes(first: 1) { id }")
      label: String! @requires(fields: "size { length(unit: \\"cm\\") }")
      office: String!
    }
    type Size {
      length(unit: String): String! @external
    }
    type Note @key(fields: "id", resolvable: false) {
      id: ID!
      author: String! @external
    }
    enum Currency {
      USD
      EUR
      JPY
    }
  `,
  resolvers: {
    Parcel: {
      dutyInDollars: ({ price, weight }: Record<string, number>) => (price ?? NaN) + (weight ?? NaN),
      dutyInEuros: ({ price, weight }: Record<string, number>, { factor }: { factor: number }) =>
        ((price ?? NaN) + (weight ?? NaN)) * factor,
      worth: ({ price }: Row) => price,
      lastAuthor: ({ notes: sent }: { notes: { author: string }[] }) => `${sent.at(-1)?.author} of ${sent.length}`,
      hasNotes: ({ notes: sent }: { notes: unknown[] }) => sent.length === 1,
      label: ({ size }: { size: { length: string } }) => `box of ${size.length}`,
      office: ({ id }: Row) => `office of ${String(id)}`,
    },
  },
}

describe('a field required with arguments', () => {
  const { dataOf, asked, ask, subgraph } = scenario({ depot, authors, customs })

  it('does not take over the arguments of the client', async () => {
    expect(await dataOf('{ parcels { notes(first: 1) { text } lastAuthor } }')).toEqual({
      parcels: [
        { notes: [{ text: 'first' }], lastAuthor: 'Linus of 3' },
        { notes: [{ text: 'fourth' }], lastAuthor: 'Edsger of 1' },
      ],
    })
  })

  it('nor those in variables and fragments', async () => {
    const query = /* GraphQL */ `
      query ($first: Int = 1) {
        parcels {
          ...A
          ...B
          lastAuthor
        }
      }
      fragment A on Parcel {
        notes(first: $first) {
          id
        }
      }
      fragment B on Parcel {
        notes(first: $first) {
          id
          author
        }
      }
    `
    expect(await dataOf(query)).toMatchObject({ parcels: [{ notes: [{ id: 'n1', author: 'Ada' }] }, {}] })
    expect(await dataOf(query, { first: 2 })).toMatchObject({
      parcels: [{ notes: [{ id: 'n1' }, { id: 'n2', author: 'Grace' }], lastAuthor: 'Linus of 3' }, {}],
    })
  })

  it('is fetched once for each set of arguments', async () => {
    expect(await dataOf('{ parcels { dutyInDollars dutyInEuros(factor: 10) price(currency: JPY) } }')).toEqual({
      parcels: [
        { dutyInDollars: 12, dutyInEuros: 220, price: 1000 },
        { dutyInDollars: 35, dutyInEuros: 650, price: 3000 },
      ],
    })
    expect(asked('customs').map(({ variables }) => variables['representations'])).toEqual([
      [
        { __typename: 'Parcel', id: 'p1', price: 10, weight: 2 },
        { __typename: 'Parcel', id: 'p2', price: 30, weight: 5 },
      ],
      [
        { __typename: 'Parcel', id: 'p1', price: 20, weight: 2 },
        { __typename: 'Parcel', id: 'p2', price: 60, weight: 5 },
      ],
    ])
  })

  it('has its default where the requirement gives none', async () => {
    expect(await dataOf('{ parcels { price(currency: EUR) worth } }')).toEqual({
      parcels: [
        { price: 20, worth: 10 },
        { price: 60, worth: 30 },
      ],
    })
  })

  it('may lie within another', async () => {
    expect(await dataOf('{ parcels { size { length } label } }')).toEqual({
      parcels: [
        { size: { length: '2 boxes' }, label: 'box of 2 cm' },
        { size: { length: '5 boxes' }, label: 'box of 5 cm' },
      ],
    })
  })

  it('works with many others in one operation, each with its variables', async () => {
    const query = /* GraphQL */ `
      query ($factor: Int!, $unused: Boolean = true) {
        parcels {
          office
          worth
          label
          hasNotes
          lastAuthor
          dutyInEuros(factor: $factor)
          dutyInDollars @include(if: $unused)
        }
      }
    `
    expect(await dataOf(query, { factor: 2 })).toMatchObject({
      parcels: [
        {
          office: 'office of p1',
          worth: 10,
          label: 'box of 2 cm',
          hasNotes: true,
          lastAuthor: 'Linus of 3',
          dutyInEuros: 44,
          dutyInDollars: 12,
        },
        { lastAuthor: 'Edsger of 1', dutyInEuros: 130 },
      ],
    })
  })

  it('is not named in the paths of errors', async () => {
    subgraph('authors').takeOver((_asked, res) =>
      answerJson(res, { data: null, errors: [{ message: 'No.', path: ['_entities', 0, 'author'] }] }),
    )
    const { errors, data } = await ask('{ parcels { office } parcel { lastAuthor } }')
    expect(data).toEqual({ parcels: [{ office: 'office of p1' }, { office: 'office of p2' }], parcel: null })
    expect(errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([[['parcel'], 'INT_INTERNAL_ERROR']])
  })
})

describe('an alias of the client', () => {
  const people = [
    { id: 'u1', name: 'Ada', height: 165 },
    { id: 'u2', name: 'Grace', height: 170 },
  ]
  const { dataOf, asked } = scenario({
    registry: {
      typeDefs: /* GraphQL */ `
        type Query {
          people: [Person!]!
        }
        type Person @key(fields: "id") {
          id: ID!
          name: String!
          height: Int!
          friend: Person!
        }
      `,
      resolvers: {
        Query: { people: () => people },
        Person: {
          __resolveReference: reference(people, 'id'),
          friend: ({ id }: Row) => people.find((person) => person.id !== id),
        },
      },
    },
    tailor: {
      typeDefs: /* GraphQL */ `
        type Person @key(fields: "id") {
          id: ID!
          height: Int! @external
          cloth: Int! @requires(fields: "height")
          bill: String!
        }
      `,
      resolvers: {
        Person: {
          cloth: ({ height }: { height: number }) => height * 2,
          bill: ({ id }: Row) => `bill of ${String(id)}`,
        },
      },
    },
  })

  it('does not stand in for a key', async () => {
    expect(await dataOf('{ people { id: name bill } }')).toEqual({
      people: [
        { id: 'Ada', bill: 'bill of u1' },
        { id: 'Grace', bill: 'bill of u2' },
      ],
    })
    expect(await dataOf('{ people { id: friend { id: name bill } bill } }')).toMatchObject({
      people: [{ id: { id: 'Grace', bill: 'bill of u2' }, bill: 'bill of u1' }, {}],
    })
  })

  it('does not stand in for what a field requires', async () => {
    expect(await dataOf('{ people { height: id cloth } }')).toEqual({
      people: [
        { height: 'u1', cloth: 330 },
        { height: 'u2', cloth: 340 },
      ],
    })
    expect(asked('tailor')[0]?.variables).toEqual({
      representations: [
        { __typename: 'Person', id: 'u1', height: 165 },
        { __typename: 'Person', id: 'u2', height: 170 },
      ],
    })
  })

  it('does not stand in for the name of a type', async () => {
    expect(await dataOf('{ people { __typename: name type: __typename bill } }')).toMatchObject({
      people: [{ __typename: 'Ada', type: 'Person', bill: 'bill of u1' }, {}],
    })
  })

  it('may look like what the gateway makes up itself', async () => {
    expect(await dataOf('{ people { _client_id: name _required1_height: name id: name bill } }')).toMatchObject({
      people: [{ _client_id: 'Ada', _required1_height: 'Ada', id: 'Ada', bill: 'bill of u1' }, {}],
    })
  })
})

describe('a key that is not resolvable', () => {
  const engines = [{ serial: 's1', plate: 'X-1', power: 90 }]
  const factory = {
    typeDefs: /* GraphQL */ `
      type Engine @key(fields: "serial") {
        serial: ID!
        power: Int!
      }
    `,
    resolvers: { Engine: { __resolveReference: reference(engines, 'serial') } },
  }
  const office = (keys: string) => ({
    typeDefs: /* GraphQL */ `
      type Query {
        registered: [Engine!]!
      }
      type Engine ${keys} {
        serial: ID!
        plate: ID! @shareable
        power: Int! @external
        tax: Int! @requires(fields: "power")
      }
    `,
    resolvers: {
      Query: { registered: () => engines.map(({ serial, plate }) => ({ serial, plate })) },
      Engine: {
        __resolveReference: (sent: Row) => {
          if (sent['serial'] === undefined) throw new Error('There is no register by plate.')
          return sent
        },
        tax: ({ power }: { power: number }) => power * 3,
      },
    },
  })

  describe('beside one that is', () => {
    const { dataOf, asked } = scenario({
      factory,
      office: office('@key(fields: "plate", resolvable: false) @key(fields: "serial")'),
    })

    it('is no way back into its subgraph', async () => {
      expect(await dataOf('{ registered { tax } }')).toEqual({ registered: [{ tax: 270 }] })
      expect(asked('office')[1]?.variables).toEqual({
        representations: [{ __typename: 'Engine', serial: 's1', power: 90 }],
      })
    })
  })

  describe('alone', () => {
    const { dataOf } = scenario({ factory, office: office('@key(fields: "serial", resolvable: false)') })

    it('still is the only way to what the subgraph computes', async () => {
      expect(await dataOf('{ registered { tax } }')).toEqual({ registered: [{ tax: 270 }] })
    })
  })
})
