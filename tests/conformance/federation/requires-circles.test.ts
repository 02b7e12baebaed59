import { describe, expect, it } from '@jest/globals'
import { reference, scenario, type Row } from './scenario.js'

/** What a subgraph was not sent it must not make up. */
function sent(row: Row, name: string): unknown {
  if (row[name] === undefined) throw new Error(`${name} was not sent`)
  return row[name]
}

describe('@requires in a circle of subgraphs', () => {
  const posts: readonly Row[] = [
    { __typename: 'Post', id: 'p1', author: { id: 'a1' } },
    { __typename: 'Post', id: 'p2', author: { id: 'a2' } },
  ]
  const years: Row = { a1: 1, a2: 20 }
  const { dataOf, calls } = scenario({
    feed: {
      typeDefs: /* GraphQL */ `
        type Query {
          feed: [Post]
        }
        type Post @key(fields: "id") {
          id: ID!
          byNovice: Boolean! @external
          byExpert: Boolean! @requires(fields: "byNovice")
          title: String!
          medal: Medal! @external
          shout: String! @requires(fields: "medal { name }")
        }
        type Medal {
          name: String! @external
        }
        type Author @key(fields: "id") {
          id: ID!
          years: Int!
        }
      `,
      resolvers: {
        Query: { feed: () => posts.map(({ id }) => ({ id })) },
        Post: {
          byExpert: (post: Row) => sent(post, 'byNovice') !== true,
          title: ({ id }: Row) => `Title of ${String(id)}`,
          shout: (post: { medal: Row }) => `${String(sent(post.medal, 'name'))}!`,
        },
        Author: { years: ({ id }: Row) => years[String(id)] },
      },
    },
    authors: {
      typeDefs: /* GraphQL */ `
        type Query {
          newest: Post
        }
        type Post @key(fields: "id") {
          id: ID!
          author: Author!
          byNovice: Boolean! @requires(fields: "author { years }")
          summary: String! @external
          medal: Medal! @requires(fields: "summary")
        }
        type Medal {
          name: String!
          givenTo: Author!
        }
        type Author @key(fields: "id") {
          id: ID!
          years: Int! @external
        }
      `,
      resolvers: {
        Query: { newest: () => posts[1] },
        Post: {
          __resolveReference: reference(posts, 'id'),
          byNovice: ({ author }: { author: Row }) => Number(sent(author, 'years')) < 5,
          medal: (post: Row) => ({ name: `Medal for "${String(sent(post, 'summary'))}"`, givenTo: post['author'] }),
        },
      },
    },
    critics: {
      typeDefs: /* GraphQL */ `
        type Query {
          best: Post
        }
        type Post @key(fields: "id") {
          id: ID!
          byExpert: Boolean! @external
          summary: String! @requires(fields: "byExpert")
        }
      `,
      resolvers: {
        Query: { best: () => ({ id: 'p2' }) },
        Post: { summary: (post: Row) => (sent(post, 'byExpert') === true ? 'Sound.' : 'Fresh.') },
      },
    },
  })

  const first: Row = {
    title: 'Title of p1',
    byNovice: true,
    byExpert: false,
    summary: 'Fresh.',
    medal: { name: 'Medal for "Fresh."', givenTo: { years: 1 } },
    shout: 'Medal for "Fresh."!',
  }
  const second: Row = {
    title: 'Title of p2',
    byNovice: false,
    byExpert: true,
    summary: 'Sound.',
    medal: { name: 'Medal for "Sound."', givenTo: { years: 20 } },
    shout: 'Medal for "Sound."!',
  }
  const selections: Row = { medal: 'medal { name givenTo { years } }' }
  const pick = (row: Row, names: readonly string[]) => Object.fromEntries(names.map((name) => [name, row[name]]))

  it.each([
    [['byNovice']],
    [['byExpert']],
    [['summary']],
    [['medal']],
    [['shout']],
    [['title', 'summary']],
    [['summary', 'byNovice', 'byExpert']],
    [['shout', 'medal', 'summary', 'byExpert', 'byNovice', 'title']],
  ])('goes round as often as it takes to reach %j, from wherever it starts', async (names) => {
    const set = names.map((name) => selections[name] ?? name).join(' ')
    expect(await dataOf(`{ feed { ${set} } newest { ${set} } best { ${set} } }`)).toEqual({
      feed: [pick(first, names), pick(second, names)],
      newest: pick(second, names),
      best: pick(second, names),
    })
  })

  it('asks for each step of the way once', async () => {
    await dataOf('{ feed { shout } }')
    // the posts, years, byExpert and shout; authors, byNovice and medal; summary
    expect(calls()).toEqual({ feed: 4, authors: 3, critics: 1 })
  })
})
