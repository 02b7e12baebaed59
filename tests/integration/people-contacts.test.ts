import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { codes, startPeople, type StartedPeople, type TestPerson } from '../support/start-people.js'

const ADD = `mutation ($input: AddContactInput!) { addContact(input: $input) { nickname user { id profile { displayName } } } }`
const REMOVE = 'mutation ($id: ID!) { removeContact(userId: $id) }'
const BLOCK = 'mutation ($id: ID!) { blockUser(userId: $id) }'
const UNBLOCK = 'mutation ($id: ID!) { unblockUser(userId: $id) }'
const CONTACTS = `query ($first: Int, $after: String) { contacts(first: $first, after: $after) {
  edges { cursor node { nickname addedAt user { id profile { displayName } } } } pageInfo { hasNextPage endCursor }
} }`
const BLOCKED = `query ($first: Int, $after: String) { blockedUsers(first: $first, after: $after) {
  edges { cursor node { userId blockedAt user { id } } } pageInfo { hasNextPage endCursor }
} }`

let people: StartedPeople

beforeAll(async () => {
  people = await startPeople()
})

afterAll(() => people.close())

const add = (owner: TestPerson, userId: string, nickname?: string) => owner.ask(ADD, { input: { userId, nickname } })

const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() })
const contactPage = z.object({
  edges: z.array(z.object({ node: z.object({ nickname: z.string().nullable(), user: z.object({ id: z.string() }) }) })),
  pageInfo,
})
const blockPage = z.object({
  edges: z.array(z.object({ node: z.object({ userId: z.string(), user: z.object({ id: z.string() }).nullable() }) })),
  pageInfo,
})

const contactsOf = async (owner: TestPerson, variables = {}) =>
  contactPage.parse((await owner.ask(CONTACTS, variables)).data?.['contacts'])
const blockedBy = async (owner: TestPerson, variables = {}) =>
  blockPage.parse((await owner.ask(BLOCKED, variables)).data?.['blockedUsers'])
const idsOf = async (owner: TestPerson) => (await contactsOf(owner)).edges.map(({ node }) => node.user.id)

describe('a contact list', () => {
  it('holds whom its owner puts there, under the nickname given last', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]

    const { data } = await add(ada, bob.id, '  Bobby ')
    expect(data?.['addContact']).toEqual({ nickname: 'Bobby', user: { id: bob.id, profile: { displayName: 'Bob' } } })
    await add(ada, bob.id)

    expect((await contactsOf(ada)).edges).toMatchObject([{ node: { nickname: null, user: { id: bob.id } } }])
    expect(await idsOf(bob)).toEqual([]) // the other is not asked and not told
  })

  it('loses whom its owner removes, again and again', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]
    await add(ada, bob.id)

    for (let n = 0; n < 2; n++) expect((await ada.ask(REMOVE, { id: bob.id })).data).toEqual({ removeContact: true })

    expect(await idsOf(ada)).toEqual([])
  })

  it('is read page by page, newest first, with nobody missed or repeated when others come between', async () => {
    const ada = await people.person('Ada')
    const others = await Promise.all(Array.from({ length: 5 }, (_, n) => people.person(`Other ${n}`)))
    for (const { id } of others.slice(0, 4)) await add(ada, id)

    const first = await contactsOf(ada, { first: 2 })
    await add(ada, others[4]?.id ?? '')
    const second = await contactsOf(ada, { first: 2, after: first.pageInfo.endCursor })

    const ids = [...first.edges, ...second.edges].map(({ node }) => node.user.id)
    expect(ids).toEqual(
      others
        .slice(0, 4)
        .map(({ id }) => id)
        .reverse(),
    )
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
  })

  it('shows nobody who has blocked its owner or deleted themselves, in full pages, and shows them again after', async () => {
    const ada = await people.person('Ada')
    const others = await Promise.all(['Bob', 'Cleo', 'Dan'].map((name) => people.person(name)))
    for (const { id } of others) await add(ada, id)
    const [bob, cleo, dan] = others
    await bob?.ask(BLOCK, { id: ada.id })
    await cleo?.ask('mutation { deleteMyProfile { id } }')

    const page = await contactsOf(ada, { first: 1 })

    expect(page).toMatchObject({ edges: [{ node: { user: { id: dan?.id } } }], pageInfo: { hasNextPage: false } })
    await bob?.ask(UNBLOCK, { id: ada.id })
    await cleo?.ask('mutation { restoreMyProfile { id } }')
    expect(await idsOf(ada)).toEqual([dan?.id, cleo?.id, bob?.id])
  })

  it.each([
    ['a nickname that is too long', { userId: crypto.randomUUID(), nickname: 'x'.repeat(101) }, 'VAL_FIELD_TOO_LONG'],
    ['an id that is none', { userId: 'bob' }, 'VAL_VALIDATION_FAILED'],
    ['nobody', { userId: crypto.randomUUID() }, 'RES_NOT_FOUND'],
  ])('refuses %s', async (_what, input, code) => {
    const ada = await people.person('Ada')

    expect(codes(await ada.ask(ADD, { input }))).toEqual([code])
  })

  it('refuses its owner, and whom its owner blocks', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]
    await ada.ask(BLOCK, { id: bob.id })

    expect(codes(await add(ada, ada.id))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await add(ada, bob.id))).toEqual(['RES_CONFLICT'])
  })

  it('refuses cursors that are not its own', async () => {
    const ada = await people.person('Ada')

    for (const after of ['', 'x', Buffer.from('[1,"x"]').toString('base64url')]) {
      expect(codes(await ada.ask(CONTACTS, { after }))).toEqual(['VAL_INVALID_FORMAT'])
    }
    expect(codes(await ada.ask(CONTACTS, { first: 101 }))).toEqual(['VAL_VALIDATION_FAILED'])
  })

  it('is for who is signed in', async () => {
    expect(codes(await people.subgraph.ask(CONTACTS))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('a list of blocked people', () => {
  it('holds whom its owner blocks, once, and only its owner sees it', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]

    for (let n = 0; n < 2; n++) expect((await ada.ask(BLOCK, { id: bob.id })).data).toEqual({ blockUser: true })

    expect(await blockedBy(ada)).toMatchObject({ edges: [{ node: { userId: bob.id, user: { id: bob.id } } }] })
    expect(await blockedBy(bob)).toMatchObject({ edges: [] })
  })

  it('takes the blocked from the contact list, and leaves the other list alone', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]
    await add(ada, bob.id)
    await add(bob, ada.id)

    await ada.ask(BLOCK, { id: bob.id })
    await ada.ask(UNBLOCK, { id: bob.id })

    expect(await idsOf(ada)).toEqual([])
    expect(await idsOf(bob)).toEqual([ada.id])
  })

  it('takes any id, so that it tells nobody who is there: also who blocks its owner', async () => {
    const [ada, bob, nobody] = [await people.person('Ada'), await people.person('Bob'), crypto.randomUUID()]
    await bob.ask(BLOCK, { id: ada.id })

    const answers = await Promise.all([bob.id, nobody].map((id) => ada.ask(BLOCK, { id })))

    expect(answers[0]).toEqual(answers[1])
    const { edges } = await blockedBy(ada)
    expect(edges.map(({ node }) => node)).toEqual(
      expect.arrayContaining([bob.id, nobody].map((userId) => ({ userId, user: null }))),
    )
  })

  it('refuses its owner', async () => {
    const ada = await people.person('Ada')

    expect(codes(await ada.ask(BLOCK, { id: ada.id }))).toEqual(['VAL_VALIDATION_FAILED'])
  })
})

describe('a full list', () => {
  const FULL = 1_000
  const aliased = (count: number) =>
    `mutation { ${Array.from({ length: count }, (_, n) => `a${n}: blockUser(userId: "${crypto.randomUUID()}")`).join(' ')} }`

  it('takes nobody more, in however many mutations and requests they come, and still what it has', async () => {
    const ada = await people.person('Ada')
    const client = new pg.Client({ connectionString: people.subgraph.engines.databaseUrl })
    await client.connect()
    await client.query(`INSERT INTO "user".blocks SELECT $1, gen_random_uuid(), now() FROM generate_series(1, $2)`, [
      ada.id,
      FULL - 5,
    ])

    const answers = await Promise.all([aliased(8), aliased(8)].map((mutation) => ada.ask(mutation)))

    const { rows } = await client.query(`SELECT count(*)::int FROM "user".blocks WHERE blocker_id = $1`, [ada.id])
    await client.end()
    expect(rows).toEqual([{ count: FULL }])
    const refused = answers.flatMap(codes)
    expect(new Set(refused)).toEqual(new Set(['RES_CONFLICT']))
  })
})
