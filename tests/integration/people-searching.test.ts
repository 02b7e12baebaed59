import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import type { RunningService } from '../../platform/service/engines.js'
import { openUserService } from '../../subgraphs/user/service.js'
import { codes, startPeople, type StartedPeople, type TestPerson } from '../support/start-people.js'
import { userConfig } from '../support/user-config.js'

const SEARCH = `query ($search: String!, $first: Int, $after: String) { searchUsers(search: $search, first: $first, after: $after) {
  edges { node { id profile { displayName } } } pageInfo { hasNextPage endCursor }
} }`
const found = z
  .object({ searchUsers: z.object({ edges: z.array(z.object({ node: z.object({ id: z.string() }) })) }) })
  .transform(({ searchUsers }) => searchUsers.edges.map(({ node }) => node.id))

/** In the middle of a minute, where it stays: of a minute that ends meanwhile nothing could be said. */
const frozen = new Date('2026-03-01T10:00:20.000Z')
let people: StartedPeople
let replica: RunningService

beforeAll(async () => {
  people = await startPeople(() => frozen)
  replica = await openUserService(userConfig, people.subgraph.engines, () => frozen)
})

afterAll(async () => {
  await replica.close()
  await people.close()
})

const search = async (who: TestPerson, text: string) => found.parse((await who.ask(SEARCH, { search: text })).data)

describe('a search', () => {
  it('finds people by a name with slips, and never the one who searches', async () => {
    const [ada, bob] = [await people.person('Wilhelmina Murray'), await people.person('Wilhelmina Searching')]

    expect(await search(bob, 'wilhelmena muray')).toEqual([ada.id])
  })

  it('finds nobody who is hidden: not searchable, blocking, blocked or deleted', async () => {
    const bob = await people.person('Bob')
    const hide = async (how: string, variables = {}, who?: TestPerson) => {
      const ada = await people.person('Quentin Hidden')
      const by = who ?? ada
      expect(await search(bob, 'Quentin Hidden')).toEqual([ada.id])
      expect((await by.ask(how, { ...variables, ...(who && { id: ada.id }) })).errors).toEqual([])
    }

    await hide('mutation { updatePrivacySettings(input: { searchable: false }) { searchable } }')
    await hide('mutation ($id: ID!) { blockUser(userId: $id) }', { id: bob.id })
    await hide('mutation ($id: ID!) { blockUser(userId: $id) }', {}, bob)
    await hide('mutation { deleteMyProfile { id } }')

    expect(await search(bob, 'Quentin Hidden')).toEqual([])
  })

  it('is made 60 times a minute, at all replicas together, and each in a request counts', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]
    const many = (count: number) =>
      `{ ${Array.from({ length: count }, (_, n) => `s${n}: searchUsers(search: "nobody") { pageInfo { hasNextPage } }`).join(' ')} }`
    const { token } = ada
    const first = await people.subgraph.ask(many(5), {}, token)
    expect(first.errors).toEqual([])
    for (let n = 0; n < 11; n += 1) {
      expect((await people.subgraph.ask(many(5), {}, token, replica.port)).errors).toEqual([])
    }

    const refused = await ada.ask(SEARCH, { search: 'nobody' })

    expect(codes(refused)).toEqual(['RATE_LIMIT_EXCEEDED'])
    expect(refused.errors[0]?.extensions.retryAfter).toBe(40)
    expect((await bob.ask(SEARCH, { search: 'nobody' })).errors).toEqual([])
  })
})
