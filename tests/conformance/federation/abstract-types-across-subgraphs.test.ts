import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

describe('a union whose members differ between subgraphs', () => {
  const common: Row = { __typename: 'Note', text: 'hello' }
  const call: Row = { __typename: 'Call', number: 112 }
  const mail: Row = { __typename: 'Mail', to: 'ada' }
  const { dataOf } = scenario({
    phones: {
      typeDefs: /* GraphQL */ `
        type Query {
          phone: Device
          either: Device @shareable
        }
        type Device @key(fields: "id") {
          id: ID!
          log: Log @shareable
        }
        type Log @shareable {
          entries: [Entry!]!
        }
        union Entry = Note | Call
        type Note @shareable {
          text: String
        }
        type Call {
          number: Int
        }
      `,
      resolvers: {
        Query: { phone: () => ({ id: 'd1' }), either: () => ({ id: 'd1', log: { entries: [common] } }) },
        Device: { log: ({ log }: Row) => log ?? { entries: [common, call] } },
      },
    },
    mails: {
      typeDefs: /* GraphQL */ `
        type Query {
          box: Device
          inbox: Log
          either: Device @shareable
        }
        type Device @key(fields: "id") {
          id: ID!
          log: Log @shareable
          archive: Log
        }
        type Log @shareable {
          entries: [Entry!]!
        }
        union Entry = Note | Mail
        type Note @shareable {
          text: String
        }
        type Mail {
          to: String
        }
      `,
      resolvers: {
        Query: {
          box: () => ({ id: 'd1' }),
          inbox: () => ({ entries: [common, mail] }),
          either: () => ({ id: 'd1', log: { entries: [common] } }),
        },
        Device: {
          log: ({ log }: Row) => log ?? { entries: [common, mail] },
          archive: () => ({ entries: [mail] }),
        },
      },
    },
  })
  const set = '{ entries { __typename ... on Note { text } ... on Call { number } ... on Mail { to } } }'

  it.each<[string, Row]>([
    [`{ either { log ${set} } }`, { either: { log: { entries: [common] } } }],
    [`{ phone { archive ${set} } }`, { phone: { archive: { entries: [mail] } } }],
    [`{ inbox ${set} }`, { inbox: { entries: [common, mail] } }],
    ['{ inbox { entries { ... on Mail { to } } } }', { inbox: { entries: [{}, { to: 'ada' }] } }],
    [
      '{ phone { log { entries { __typename ... on Mail { to } } } } }',
      { phone: { log: { entries: [{ __typename: 'Note' }, { __typename: 'Call' }] } } },
    ],
    [
      '{ phone { log { entries { ... on Call { number } } } } }',
      { phone: { log: { entries: [{}, { number: 112 }] } } },
    ],
    [
      `{ phone { log ${set} } box { log ${set} } }`,
      { phone: { log: { entries: [common, call] } }, box: { log: { entries: [common, mail] } } },
    ],
    [
      '{ phone { log { entries { ...F } } } } fragment F on Entry { ... on Call { __typename } ... on Mail { __typename } }',
      { phone: { log: { entries: [{}, { __typename: 'Call' }] } } },
    ],
    ['{ box { log { entries { ... on Call { number } } } } }', { box: { log: { entries: [{}, {}] } } }],
  ])('answers %s with what the subgraph knows that was asked', async (query, expected) => {
    expect(await dataOf(query)).toEqual(expected)
  })
})

describe('unions and interfaces over the same objects, not the same in every subgraph', () => {
  const ovens: readonly Row[] = [{ __typename: 'Oven', id: 'o1', watts: 2_000 }]
  const kettles: readonly Row[] = [
    { __typename: 'Kettle', id: 'k1', litres: 1 },
    { __typename: 'Kettle', id: 'k2', litres: 2 },
  ]
  const all = [...ovens, ...kettles]
  const { ask, dataOf } = scenario({
    kitchen: {
      typeDefs: /* GraphQL */ `
        type Query {
          goods: [Good!]!
          things: [Thing!]!
          thing(id: ID!): Thing
        }
        union Good = Oven | Kettle
        interface Thing {
          id: ID!
        }
        type Oven @key(fields: "id") {
          id: ID!
          watts: Int
        }
        type Kettle implements Thing @key(fields: "id") {
          id: ID!
          litres: Int
        }
      `,
      resolvers: {
        Query: {
          goods: () => all,
          things: () => kettles,
          thing: (_root: unknown, { id }: Row) => all.find((one) => one['id'] === id),
        },
        Oven: { __resolveReference: reference(all, 'id') },
        Kettle: { __resolveReference: reference(all, 'id') },
      },
    },
    service: {
      typeDefs: /* GraphQL */ `
        interface Thing {
          id: ID!
        }
        type Oven implements Thing @key(fields: "id") {
          id: ID!
          warranty: Int
        }
        type Kettle @key(fields: "id") {
          id: ID!
          repairs: Int
        }
      `,
      resolvers: { Oven: { warranty: () => 5 }, Kettle: { repairs: ({ id }: Row) => (id === 'k1' ? 0 : 1) } },
    },
  })

  it.each<[string, unknown]>([
    ['{ goods { ... on Thing { id } } }', { goods: all.map(({ id }) => ({ id })) }],
    ['{ things { id __typename } }', { things: kettles.map(({ id, __typename }) => ({ id, __typename })) }],
    ['{ things { ... on Oven { warranty } ... on Kettle { repairs } } }', { things: [{ repairs: 0 }, { repairs: 1 }] }],
    [
      '{ goods { ... on Oven { warranty watts } ...K ...T } } fragment K on Kettle { id } fragment T on Thing { id __typename }',
      {
        goods: [
          { warranty: 5, watts: 2_000, id: 'o1', __typename: 'Oven' },
          { id: 'k1', __typename: 'Kettle' },
          { id: 'k2', __typename: 'Kettle' },
        ],
      },
    ],
    [
      '{ thing(id: "k2") { ... on Kettle { litres repairs } ... on Oven { warranty } } }',
      { thing: { litres: 2, repairs: 1 } },
    ],
  ])('answers %s', async (query, expected) => {
    expect(await dataOf(query)).toEqual(expected)
  })

  it('shows nothing that a subgraph may not answer with', async () => {
    expect(await ask('{ thing(id: "o1") { ... on Oven { warranty } } }')).toMatchObject({
      data: { thing: null },
      errors: [{ path: ['thing'] }],
    })
  })
})

describe('a long list of abstract things under conditions', () => {
  const media: readonly Row[] = Array.from({ length: 300 }, (_, index) => ({
    __typename: ['Song', 'Film', 'Text'][index % 3],
    id: `m${index}`,
    title: `Title ${index}`,
  }))
  const { dataOf, calls } = scenario({
    shelf: {
      typeDefs: /* GraphQL */ `
        type Query {
          media: [Medium!]!
        }
        interface Medium {
          id: ID!
          title: String
        }
        ${['Song', 'Film', 'Text']
          .map((name) => `type ${name} implements Medium @key(fields: "id") { id: ID! title: String }`)
          .join(' ')}
      `,
      resolvers: { Query: { media: () => media } },
    },
    rights: {
      typeDefs: /* GraphQL */ `
        type Song @key(fields: "id") {
          id: ID!
          label: String!
        }
        type Film @key(fields: "id") {
          id: ID!
          age: Int!
        }
      `,
      resolvers: { Song: { label: ({ id }: Row) => `label ${String(id)}` }, Film: { age: () => 12 } },
    },
  })
  const query = /* GraphQL */ `
    query ($songs: Boolean!, $films: Boolean!, $titles: Boolean!) {
      media {
        id
        title @skip(if: $titles)
        ... on Song @include(if: $songs) {
          label
        }
        ... @include(if: $films) {
          ... on Film {
            age
            title
          }
        }
      }
    }
  `

  it.each([
    [{ songs: true, films: true, titles: true }],
    [{ songs: true, films: false, titles: false }],
    [{ songs: false, films: true, titles: true }],
    [{ songs: false, films: false, titles: true }],
  ])('is answered as the conditions are: %j', async (variables) => {
    expect(await dataOf(query, variables)).toEqual({
      media: media.map(({ __typename: type, id, title }) => ({
        id,
        ...(!variables.titles && { title }),
        ...(type === 'Song' && variables.songs && { label: `label ${String(id)}` }),
        ...(type === 'Film' && variables.films && { age: 12, title }),
      })),
    })
    expect(calls()['rights'] ?? 0).toBeLessThanOrEqual(1)
  })
})
