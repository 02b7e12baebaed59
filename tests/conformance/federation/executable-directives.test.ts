import { describe, expect, it } from '@jest/globals'
import { scenario } from './scenario.js'

describe('a composed directive for operations', () => {
  const head = (more: string) => /* GraphQL */ `
    extend schema
      @link(url: "https://specs.apollo.dev/federation/v2.1", import: ["@key", "@composeDirective"])
      @link(url: "https://example.com/audience/v1.0", import: ["@audience"])
      @composeDirective(name: "@audience")
    directive @audience(of: Audience! = STAFF, note: String) on FIELD
    enum Audience {
      STAFF
      EVERYBODY
    }
    ${more}
  `
  const { ask, dataOf } = scenario({
    one: { typeDefs: head('type Query { one: String }'), resolvers: { Query: { one: () => '1' } } },
    two: { typeDefs: head('type Query { two: String }'), resolvers: { Query: { two: () => '2' } } },
  })

  it('may be used with its default arguments, and with others', async () => {
    expect(await dataOf('{ one @audience two @audience(of: EVERYBODY, note: "hello") }')).toEqual({
      one: '1',
      two: '2',
    })
  })

  it('is held to its definition', async () => {
    expect((await ask('{ one @audience(of: NOBODY) }')).errors).toMatchObject([
      { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
    ])
  })
})
