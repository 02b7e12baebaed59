import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

describe('@provides', () => {
  const songs = [
    { id: 's1', title: 'Aria', length: 3, artist: 'a1' },
    { id: 's2', title: 'Blues', length: 4, artist: 'a1' },
  ]
  const artists = [{ id: 'a1', name: 'Bach', born: 1685 }]
  const { dataOf, calls, asked } = scenario({
    archive: {
      typeDefs: /* GraphQL */ `
        type Query {
          song: Song
        }
        type Song @key(fields: "id") {
          id: ID!
          title: String! @shareable
          length: Int! @shareable
        }
        type Artist @key(fields: "id") {
          id: ID!
          name: String! @shareable
          born: Int! @shareable
        }
      `,
      resolvers: {
        Query: { song: () => songs[1] },
        Song: { __resolveReference: reference(songs, 'id') },
        Artist: { __resolveReference: reference(artists, 'id') },
      },
    },
    radio: {
      typeDefs: /* GraphQL */ `
        type Query {
          playing: Song @provides(fields: "title artist { name }")
          queue: [Song!]! @provides(fields: "title")
        }
        type Song @key(fields: "id") {
          id: ID!
          title: String! @external
          artist: Artist
          votes: Int!
        }
        type Artist @key(fields: "id") {
          id: ID!
          name: String! @external
        }
      `,
      resolvers: {
        Query: { playing: () => songs[0], queue: () => songs },
        Song: {
          __resolveReference: reference(
            songs.map(({ id, artist }) => ({ id, artist })),
            'id',
          ),
          artist: ({ artist }: Row) => artists.find(({ id }) => id === artist),
          votes: () => 7,
        },
      },
    },
  })

  it('saves the way to where the fields are at home', async () => {
    expect(await dataOf('{ playing { id title artist { id name } votes } }')).toEqual({
      playing: { id: 's1', title: 'Aria', artist: { id: 'a1', name: 'Bach' }, votes: 7 },
    })
    expect(calls()).toEqual({ radio: 1 })
  })

  it('counts on its path alone', async () => {
    expect(await dataOf('{ queue { title artist { name } } }')).toEqual({
      queue: [
        { title: 'Aria', artist: { name: 'Bach' } },
        { title: 'Blues', artist: { name: 'Bach' } },
      ],
    })
    expect(calls()).toEqual({ archive: 1, radio: 1 })
  })

  it('fetches nothing but what was asked for', async () => {
    expect(await dataOf('{ playing { id } }')).toEqual({ playing: { id: 's1' } })
    expect(asked('radio')[0]?.query).not.toMatch(/title|artist|name/)
  })

  it.each<[string, Row]>([
    ['{ playing { called: title } }', { called: 'Aria' }],
    ['{ playing { ... on Song { title } ...S } } fragment S on Song { id }', { title: 'Aria', id: 's1' }],
    ['{ playing { ... { title } ... { votes } } }', { title: 'Aria', votes: 7 }],
    ['{ playing { title ... on Song @skip(if: true) { artist { name } } } }', { title: 'Aria' }],
    [
      'query ($no: Boolean = false) { playing { title ...S @include(if: $no) } } fragment S on Song { artist { name } }',
      { title: 'Aria' },
    ],
  ])('fetches of what is provided only what %s asks for', async (query, playing) => {
    expect(await dataOf(query)).toEqual({ playing })
    expect(calls()).toEqual({ radio: 1 })
    if (!query.includes('$no')) expect(asked('radio')[0]?.query).not.toMatch(/artist|name/)
  })

  it('leaves what is not provided to its home', async () => {
    expect(await dataOf('{ playing { title length artist { name born } } }')).toEqual({
      playing: { title: 'Aria', length: 3, artist: { name: 'Bach', born: 1685 } },
    })
  })
})

describe('@provides of things within things', () => {
  const tree = { id: 'c1', title: 'Tools', below: [{ id: 'c2', title: 'Saws' }] }
  const { dataOf, calls } = scenario({
    shop: {
      typeDefs: /* GraphQL */ `
        type Query {
          goods: [Good] @provides(fields: "categories { id title }")
        }
        type Good @key(fields: "id") {
          id: ID!
          categories: [Category] @external
        }
        type Category @key(fields: "id") {
          id: ID!
          title: String @external
        }
      `,
      resolvers: { Query: { goods: () => [{ id: 'g1', categories: [tree] }] } },
    },
    taxonomy: {
      typeDefs: /* GraphQL */ `
        type Good @key(fields: "id") {
          id: ID!
          categories: [Category] @shareable
        }
        type Category @key(fields: "id") {
          id: ID!
          title: String @shareable
        }
      `,
      resolvers: {
        Good: { categories: () => [tree] },
        Category: { __resolveReference: reference([tree, ...tree.below], 'id') },
      },
    },
    branches: {
      typeDefs: /* GraphQL */ `
        type Category @key(fields: "id") {
          id: ID!
          below: [Category] @provides(fields: "title")
          title: String @external
        }
      `,
      resolvers: { Category: { __resolveReference: reference([tree], 'id') } },
    },
  })

  it('is followed at every level', async () => {
    expect(await dataOf('{ goods { id categories { id title } } }')).toEqual({
      goods: [{ id: 'g1', categories: [{ id: 'c1', title: 'Tools' }] }],
    })
    expect(calls()).toEqual({ shop: 1 })
  })

  it('ends where it is not said', async () => {
    expect(await dataOf('{ goods { id categories { id below { id title } } } }')).toEqual({
      goods: [{ id: 'g1', categories: [{ id: 'c1', below: [{ id: 'c2', title: 'Saws' }] }] }],
    })
    expect(calls()).toEqual({ shop: 1, branches: 1 })
  })
})

describe('@provides on abstract types', () => {
  const dogs = [
    { __typename: 'Dog', id: 'd1', name: 'Rex', age: 3 },
    { __typename: 'Cat', id: 'k1', name: 'Tom', age: 5 },
  ]
  const nameless = dogs.map(({ __typename, id, age }) => ({ __typename, id, age }))
  const { dataOf, calls } = scenario({
    register: {
      typeDefs: /* GraphQL */ `
        union Pet = Dog | Cat
        interface Animal {
          id: ID!
        }
        type Query {
          fromRegister: [Pet] @shareable
        }
        type Dog implements Animal @key(fields: "id") {
          id: ID!
          name: String @shareable
          age: Int @shareable
        }
        type Cat implements Animal @key(fields: "id") {
          id: ID!
          name: String @shareable
          age: Int @shareable
        }
      `,
      resolvers: {
        Query: { fromRegister: () => dogs },
        Dog: { __resolveReference: reference(dogs, 'id') },
        Cat: { __resolveReference: reference(dogs, 'id') },
      },
    },
    clinic: {
      typeDefs: /* GraphQL */ `
        union Pet = Dog | Cat
        interface Animal {
          id: ID!
          name: String
        }
        type Query {
          waiting: [Pet] @provides(fields: "... on Dog { name }")
          stationed: [Animal] @provides(fields: "... on Dog { name } ... on Cat { name age }")
        }
        type Dog implements Animal @key(fields: "id") {
          id: ID! @shareable
          name: String @external
        }
        type Cat implements Animal @key(fields: "id") {
          id: ID! @shareable
          name: String @external
          age: Int @external
        }
      `,
      resolvers: { Query: { waiting: () => [dogs[0], nameless[1]], stationed: () => dogs } },
    },
  })

  it('holds for the member of a union it names', async () => {
    expect(await dataOf('{ waiting { ... on Dog { id name } } }')).toEqual({
      waiting: [{ id: 'd1', name: 'Rex' }, {}],
    })
    expect(calls()).toEqual({ clinic: 1 })
    expect(await dataOf('{ waiting { ... on Dog { name age } ... on Cat { name } __typename } }')).toEqual({
      waiting: [
        { name: 'Rex', age: 3, __typename: 'Dog' },
        { name: 'Tom', __typename: 'Cat' },
      ],
    })
  })

  it('holds for everything that implements an interface', async () => {
    expect(await dataOf('{ stationed { id name ... on Cat { age } } }')).toEqual({
      stationed: [
        { id: 'd1', name: 'Rex' },
        { id: 'k1', name: 'Tom', age: 5 },
      ],
    })
    expect(calls()).toEqual({ clinic: 1 })
    expect(await dataOf('{ stationed { name ... on Dog { age } } }')).toEqual({
      stationed: [{ name: 'Rex', age: 3 }, { name: 'Tom' }],
    })
  })
})

describe('an interface that refers to itself', () => {
  const books = [
    { __typename: 'Book', id: '1', price: 10 },
    { __typename: 'Book', id: '2', price: 10 },
  ]
  const otherOf = (id: unknown) => books.find((book) => book.id !== id)
  const { dataOf } = scenario({
    pairs: {
      typeDefs: /* GraphQL */ `
        type Query {
          item: Item
        }
        interface Item {
          twin: Item
        }
        type Book implements Item @key(fields: "id") {
          id: ID!
          twin: Book @provides(fields: "price")
          price: Float @external
        }
      `,
      resolvers: { Query: { item: () => books[0] }, Book: { twin: ({ id }: Row) => otherOf(id) } },
    },
    prices: {
      typeDefs: /* GraphQL */ `
        type Book @key(fields: "id") {
          id: ID!
          price: Float @shareable
        }
      `,
      resolvers: { Book: { __resolveReference: reference(books, 'id') } },
    },
  })

  it('is followed as deep as the document goes', async () => {
    const query = /* GraphQL */ `
      {
        item {
          twin {
            __typename
            ... on Book {
              id
            }
            twin {
              ... on Book {
                id
                price
                twin {
                  id
                }
              }
            }
          }
          ... on Book {
            price
          }
        }
      }
    `
    expect(await dataOf(query)).toEqual({
      item: { twin: { __typename: 'Book', id: '2', twin: { id: '1', price: 10, twin: { id: '2' } } }, price: 10 },
    })
  })
})

describe('root fields that several subgraphs share', () => {
  const { dataOf, calls } = scenario(
    Object.fromEntries(
      [
        ['naming', 'name: String!', { name: 'Lamp' }],
        ['pricing', 'price: Price!', { price: { id: 'e1', amount: 5, currency: 'EUR' } }],
        ['sorting', 'category: Category!', { category: { id: 'x', name: 'Home' } }],
      ].map(([name, field, value]) => [
        name,
        {
          typeDefs: /* GraphQL */ `
            type Query {
              product: Product @shareable
              products: [Product!]! @shareable
            }
            type Product {
              id: ID! @shareable
              ${String(field)}
            }
            type ${name === 'pricing' ? 'Price' : name === 'sorting' ? 'Category' : 'Unused'} {
              id: ID
              ${name === 'pricing' ? 'amount: Int! currency: String!' : 'name: String'}
            }
          `,
          resolvers: {
            Query: {
              product: () => ({ id: '1', ...(value as Row) }),
              products: () => [{ id: '1', ...(value as Row) }],
            },
          },
        },
      ]),
    ),
  )

  it('are asked in each of those that are needed, and no others', async () => {
    expect(await dataOf('{ product { id name category { name } price { id amount currency } } }')).toEqual({
      product: { id: '1', name: 'Lamp', category: { name: 'Home' }, price: { id: 'e1', amount: 5, currency: 'EUR' } },
    })
    expect(calls()).toEqual({ naming: 1, pricing: 1, sorting: 1 })
  })

  it('merge lists by position', async () => {
    expect(await dataOf('{ products { id name price { amount } } }')).toEqual({
      products: [{ id: '1', name: 'Lamp', price: { amount: 5 } }],
    })
    expect(calls()).toEqual({ naming: 1, pricing: 1 })
  })
})
