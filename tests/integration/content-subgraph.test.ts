import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { BusUnavailableError, type Follower } from '../../platform/bus/bus.js'
import { eventEnvelope } from '../../platform/bus/event-envelope.js'
import { openContentService } from '../../subgraphs/content/service.js'
import { startSubgraph, type Answer, type StartedSubgraph } from '../support/start-subgraph.js'

const CREATE = `mutation ($input: CreateContentInput!) { createContent(input: $input) { ...piece } } ${piece()}`
const UPDATE = `mutation ($input: UpdateContentInput!) { updateContent(input: $input) { ...piece } } ${piece()}`
const PUBLISH = `mutation ($id: ID!) { publishContent(id: $id) { ...piece } } ${piece()}`
const UNPUBLISH = `mutation ($id: ID!) { unpublishContent(id: $id) { ...piece } } ${piece()}`
const DELETE = `mutation ($id: ID!) { deleteContent(id: $id) }`
const READ = `query ($id: ID!) { content(id: $id) { ...piece } } ${piece()}`
const LIST = `query ($first: Int, $after: String, $filter: ContentFilterInput) {
  contents(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id title status } } pageInfo { hasNextPage endCursor }
  }
}`
const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on Content { id title author { __typename id } } }
}`

function piece(): string {
  return `fragment piece on Content {
    id title body excerpt type status tags version publishedAt createdAt updatedAt author { __typename id }
  }`
}

/** What the tests go on with; the rest of an answer is compared as it is. */
const pieceShape = z.looseObject({
  id: z.string(),
  title: z.string(),
  body: z.string(),
  status: z.string(),
  version: z.int(),
  publishedAt: z.string().nullable(),
})
const pageShape = z.object({
  edges: z.array(z.object({ cursor: z.string(), node: z.looseObject({ title: z.string() }) })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
})

let subgraph: StartedSubgraph
let busIsAway = false

beforeAll(async () => {
  subgraph = await startSubgraph({
    open: (engines) => openContentService({ http: { host: '127.0.0.1', port: 0 } }, engines),
    wrapBus: (bus) => ({
      ...bus,
      publish: (...given) => (busIsAway ? Promise.reject(new BusUnavailableError()) : bus.publish(...given)),
    }),
  })
})

afterAll(() => subgraph.close())

async function author(options: { roles?: string[]; scopes?: string[] } = {}) {
  const userId = crypto.randomUUID()
  const token = await subgraph.issuer.token({ userId, ...options })
  const ask = (query: string, variables: Record<string, unknown>) => subgraph.ask(query, variables, token)
  const write = async (input: Record<string, unknown> = {}) => {
    const answer = await ask(CREATE, { input: { title: 'Engines', body: 'They weave.', ...input } })
    expect(answer.errors).toEqual([])
    return pieceIn(answer)
  }
  const publish = async (id: string) => pieceIn(await ask(PUBLISH, { id }))
  return { userId, ask, write, publish }
}

function codes(answer: Answer): readonly string[] {
  return answer.errors.map(({ extensions }) => extensions.code)
}

/** The piece that is the whole of an answer. */
function pieceIn(answer: Answer) {
  return pieceShape.parse(Object.values(answer.data ?? {})[0])
}

function pageIn(answer: Answer) {
  return pageShape.parse(answer.data?.['contents'])
}

function titles(answer: Answer): readonly string[] {
  return pageIn(answer).edges.map(({ node }) => node.title)
}

/** The next event about one piece; the follower goes on after it. */
async function nextEvent(follower: Follower, contentId: string) {
  const events = follower[Symbol.asyncIterator]()
  for (;;) {
    const { envelope } = z.object({ envelope: eventEnvelope }).parse((await events.next()).value)
    if (JSON.stringify(envelope.data).includes(contentId)) return envelope
  }
}

describe('writing', () => {
  it('gives a draft of version 1 that only its author sees', async () => {
    const ada = await author()
    const draft = await ada.write({ title: '  Notes ', body: 'One.\nTwo.', type: 'POST', tags: ['a', 'b', 'a'] })
    expect(draft).toMatchObject({
      title: 'Notes',
      body: 'One.\nTwo.',
      excerpt: 'One. Two.',
      type: 'POST',
      status: 'DRAFT',
      tags: ['a', 'b'],
      version: 1,
      publishedAt: null,
      author: { __typename: 'User', id: ada.userId },
    })
    expect((await ada.ask(READ, { id: draft.id })).data?.['content']).toEqual(draft)
    expect((await ada.ask(READ, { id: draft.id.toUpperCase() })).data).toEqual({ content: null })
    const stranger = await author()
    expect((await stranger.ask(READ, { id: draft.id })).data).toEqual({ content: null })
    expect((await subgraph.ask(READ, { id: draft.id })).data).toEqual({ content: null })
  })

  it('refuses what does not fit, naming the field', async () => {
    const ada = await author()
    const refused = async (input: object) =>
      (await ada.ask(CREATE, { input: { title: 'T', body: '', ...input } })).errors[0]
    const field = (name: string) => [expect.objectContaining({ field: name })]
    expect((await refused({ title: ' ' }))?.extensions).toMatchObject({
      code: 'VAL_FIELD_TOO_SHORT',
      details: field('input.title'),
    })
    expect((await refused({ title: 'x'.repeat(501) }))?.extensions).toMatchObject({ code: 'VAL_FIELD_TOO_LONG' })
    expect((await refused({ body: 'x'.repeat(100_001) }))?.extensions).toMatchObject({ code: 'VAL_FIELD_TOO_LONG' })
    expect((await refused({ body: 'a\0b' }))?.extensions).toMatchObject({
      code: 'VAL_VALIDATION_FAILED',
      details: field('input.body'),
    })
    expect((await refused({ tags: ['ok', '\ud800'] }))?.extensions).toMatchObject({ details: field('input.tags[1]') })
    expect((await refused({ tags: ['ok', ''] }))?.extensions).toMatchObject({ details: field('input.tags[1]') })
    expect((await refused({ tags: Array.from({ length: 21 }, String) }))?.extensions).toMatchObject({
      details: field('input.tags'),
    })
    expect((await refused({ type: 'POEM' }))?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('takes the longest text there may be, whatever it is made of', async () => {
    const ada = await author()
    const numbers = Array.from({ length: 50_000 }, (_, index) => index.toString(36))
    const words = [
      numbers.join(' '),
      numbers.join('-'),
      numbers.map((number) => `${number}.example/${number}`).join(' '),
    ]
    const characters = ['語', '\n', '𝒜'].map((character) => character.repeat(100_000))
    for (const text of [...words, ...characters]) {
      const body = text.slice(0, 100_000)
      expect((await ada.write({ body })).body.length).toBe(100_000)
    }
  })

  it('needs the permission', async () => {
    const guest = await author({ roles: ['guest'] })
    const input = { title: 'T', body: '' }
    expect(codes(await guest.ask(CREATE, { input }))).toEqual(['AUTHZ_INSUFFICIENT_PERMISSIONS'])
    expect(codes(await subgraph.ask(CREATE, { input }))).toEqual(['AUTH_TOKEN_INVALID'])
    const expired = await subgraph.issuer.token({ expiresInSeconds: -60 })
    expect(codes(await subgraph.ask(CREATE, { input }, expired))).toEqual(['AUTH_TOKEN_EXPIRED'])
    const forged = `${(await subgraph.issuer.token()).slice(0, -8)}AAAAAAAA`
    expect(codes(await subgraph.ask(CREATE, { input }, forged))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('editing', () => {
  it('raises the version, and refuses an older one with the current one', async () => {
    const ada = await author()
    const { id } = await ada.write()
    const edited = await ada.ask(UPDATE, { input: { id, version: 1, title: 'Looms', tags: null } })
    expect(edited.data?.['updateContent']).toMatchObject({ title: 'Looms', body: 'They weave.', version: 2 })
    const late = await ada.ask(UPDATE, { input: { id, version: 1, title: 'Late' } })
    expect(late.errors[0]?.extensions).toMatchObject({
      code: 'RES_CONFLICT',
      details: [{ field: 'input.version', reason: 'the current version is 2' }],
    })
    expect(pieceIn(await ada.ask(READ, { id })).title).toBe('Looms')
  })

  it('lets one of many at the same time through', async () => {
    const ada = await author()
    const { id } = await ada.write()
    const answers = await Promise.all(
      ['A', 'B', 'C', 'D', 'E', 'F'].map((title) => ada.ask(UPDATE, { input: { id, version: 1, title } })),
    )
    expect(answers.map((answer) => codes(answer)[0] ?? 'done').sort()).toEqual([
      ...Array(5).fill('RES_CONFLICT'),
      'done',
    ])
    expect(pieceIn(await ada.ask(READ, { id })).version).toBe(2)
  })

  it('that changes nothing is refused', async () => {
    const ada = await author()
    const { id } = await ada.write()
    expect(codes(await ada.ask(UPDATE, { input: { id, version: 1 } }))).toEqual(['VAL_VALIDATION_FAILED'])
  })
})

describe('publishing', () => {
  it('shows a piece to everybody and tells the other services, once', async () => {
    const ada = await author()
    const follower = await subgraph.engines.bus.follow('events.content.>', 'new')
    const { id } = await ada.write()
    const published = await ada.publish(id)
    expect(published).toMatchObject({ status: 'PUBLISHED', version: 2, publishedAt: expect.any(String) })
    expect(await nextEvent(follower, id)).toMatchObject({
      type: 'content.published',
      actorId: ada.userId,
      data: { contentId: id, authorId: ada.userId, publishedAt: published.publishedAt },
    })
    expect((await subgraph.ask(READ, { id })).data?.['content']).toEqual(published)
    const again = await ada.ask(PUBLISH, { id })
    expect(again.errors[0]?.extensions).toMatchObject({
      code: 'RES_CONFLICT',
      details: [{ field: 'status', reason: 'is PUBLISHED; allowed from there: unpublishContent' }],
    })
    await ada.ask(UNPUBLISH, { id })
    expect(await nextEvent(follower, id)).toMatchObject({ type: 'content.unpublished' })
    await follower.close()
    expect((await subgraph.ask(READ, { id })).data).toEqual({ content: null })
  })

  it('of one draft many times at once happens once', async () => {
    const ada = await author()
    const { id } = await ada.write()
    const answers = await Promise.all(Array.from({ length: 5 }, () => ada.ask(PUBLISH, { id })))
    expect(answers.map((answer) => codes(answer)[0] ?? 'done').sort()).toEqual([
      ...Array(4).fill('RES_CONFLICT'),
      'done',
    ])
  })

  it('is for the author and for content:publish; others learn nothing of a draft', async () => {
    const [ada, eve, admin] = await Promise.all([author(), author(), author({ roles: ['admin'] })])
    const { id } = await ada.write()
    expect(codes(await eve.ask(PUBLISH, { id }))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await eve.ask(PUBLISH, { id: crypto.randomUUID() }))).toEqual(['RES_NOT_FOUND'])
    expect(codes(await eve.ask(PUBLISH, { id: 'x' }))).toEqual(['RES_NOT_FOUND'])
    expect((await admin.publish(id)).status).toBe('PUBLISHED')
    expect(codes(await eve.ask(UNPUBLISH, { id }))).toEqual(['AUTHZ_RESOURCE_OWNERSHIP'])
    expect(codes(await eve.ask(UPDATE, { input: { id, version: 2, title: 'Mine' } }))).toEqual([
      'AUTHZ_RESOURCE_OWNERSHIP',
    ])
    expect(codes(await admin.ask(DELETE, { id }))).toEqual(['AUTHZ_RESOURCE_OWNERSHIP'])
    expect(pieceIn(await admin.ask(UNPUBLISH, { id })).status).toBe('DRAFT')
  })

  it('goes on while the bus is away, and tells when it is back', async () => {
    const ada = await author()
    const follower = await subgraph.engines.bus.follow('events.content.>', 'new')
    busIsAway = true
    const { id } = await ada.write()
    expect((await ada.publish(id)).status).toBe('PUBLISHED')
    busIsAway = false
    expect(await nextEvent(follower, id)).toMatchObject({ type: 'content.published' })
    await follower.close()
  })
})

describe('deleting', () => {
  it('takes a piece away from everybody and tells when it was public', async () => {
    const ada = await author()
    const { id } = await ada.write()
    await ada.publish(id)
    const follower = await subgraph.engines.bus.follow('events.content.unpublished', 'new')
    expect((await ada.ask(DELETE, { id })).data).toEqual({ deleteContent: id })
    expect((await nextEvent(follower, id)).data).toEqual({ contentId: id, authorId: ada.userId })
    await follower.close()
    expect((await ada.ask(READ, { id })).data).toEqual({ content: null })
    expect(titles(await ada.ask(LIST, { filter: { authorId: ada.userId } }))).toEqual([])
    expect(codes(await ada.ask(DELETE, { id }))).toEqual(['RES_NOT_FOUND'])
  })
})

describe('the list', () => {
  it('shows what is published, and an author their own, newest first, page by page', async () => {
    const ada = await author()
    for (const title of ['one', 'two', 'three', 'four', 'five']) {
      const { id } = await ada.write({ title })
      if (title !== 'four') await ada.publish(id)
    }
    const filter = { authorId: ada.userId }
    const first = await ada.ask(LIST, { first: 2, filter })
    expect(titles(first)).toEqual(['five', 'four'])
    const second = await ada.ask(LIST, { first: 2, after: pageIn(first).pageInfo.endCursor, filter })
    expect(titles(second)).toEqual(['three', 'two'])
    const last = await ada.ask(LIST, { first: 2, after: pageIn(second).pageInfo.endCursor, filter })
    expect(titles(last)).toEqual(['one'])
    expect(pageIn(last).pageInfo.hasNextPage).toBe(false)
    expect(titles(await subgraph.ask(LIST, { filter }))).toEqual(['five', 'three', 'two', 'one'])
    expect(titles(await subgraph.ask(LIST, { filter: { ...filter, status: 'DRAFT' } }))).toEqual([])
    expect(titles(await ada.ask(LIST, { filter: { ...filter, status: 'DRAFT' } }))).toEqual(['four'])
    expect(titles(await ada.ask(LIST, { filter: { authorId: 'nobody' } }))).toEqual([])
  })

  it('is narrowed by kind and by tags', async () => {
    const ada = await author()
    await ada.write({ title: 'page', type: 'PAGE', tags: ['x', 'y'] })
    await ada.write({ title: 'post', type: 'POST', tags: ['y'] })
    const list = async (filter: object) => titles(await ada.ask(LIST, { filter: { authorId: ada.userId, ...filter } }))
    expect(await list({ type: 'PAGE' })).toEqual(['page'])
    expect(await list({ tags: ['y'] })).toEqual(['post', 'page'])
    expect(await list({ tags: ['y', 'x'] })).toEqual(['page'])
    expect(await list({ tags: [] })).toEqual(['post', 'page'])
  })

  it('refuses a page size or a cursor it never gave', async () => {
    const cursor = (key: unknown) => Buffer.from(JSON.stringify(key)).toString('base64url')
    expect(codes(await subgraph.ask(LIST, { first: 101 }))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await subgraph.ask(LIST, { first: 0 }))).toEqual(['VAL_VALIDATION_FAILED'])
    for (const after of [
      '',
      'x',
      cursor([1]),
      cursor([1e18, crypto.randomUUID()]),
      cursor([1, "'; drop table contents"]),
    ]) {
      expect(codes(await subgraph.ask(LIST, { after }))).toEqual(['VAL_INVALID_FORMAT'])
    }
  })
})

describe('the search', () => {
  it('finds words of title and text in any form, the title’s first, page by page', async () => {
    const ada = await author()
    const filter = (search: string) => ({ search, authorId: ada.userId })
    await ada.write({ title: 'In passing', body: 'Somebody mentions looms, once, among many other words.' })
    await ada.write({ title: 'On weaving', body: 'Loom after loom after loom.' })
    await ada.write({ title: 'The loom', body: 'A machine.' })
    await ada.write({ title: 'Bread', body: 'Flour and water.' })
    expect(titles(await ada.ask(LIST, { filter: filter('Looms') }))).toEqual(['The loom', 'On weaving', 'In passing'])
    const walked: string[] = []
    let after: string | null = null
    do {
      const answer: Answer = await ada.ask(LIST, { first: 1, after, filter: filter('loom') })
      walked.push(...titles(answer))
      const { pageInfo } = pageIn(answer)
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null
    } while (after !== null)
    expect(walked).toEqual(['The loom', 'On weaving', 'In passing'])
    expect(titles(await ada.ask(LIST, { filter: filter('loom -machine -mentions') }))).toEqual(['On weaving'])
    expect(titles(await ada.ask(LIST, { filter: filter('"other words"') }))).toEqual(['In passing'])
  })

  it('takes whatever somebody types', async () => {
    const ada = await author()
    await ada.write({ title: 'Anything' })
    for (const search of ['"', "' or 1=1 --", '& | ! ( )', 'the', '-', '\\', '🧵', ':*']) {
      expect(codes(await ada.ask(LIST, { filter: { search } }))).toEqual([])
    }
    expect(titles(await ada.ask(LIST, { filter: { search: ' ', authorId: ada.userId } }))).toEqual(['Anything'])
    expect(codes(await ada.ask(LIST, { filter: { search: 'x'.repeat(201) } }))).toEqual(['VAL_FIELD_TOO_LONG'])
    expect(codes(await ada.ask(LIST, { filter: { search: 'a\0b' } }))).toEqual(['VAL_VALIDATION_FAILED'])
  })

  it('finds nobody’s drafts but one’s own', async () => {
    const [ada, eve] = await Promise.all([author(), author()])
    await ada.write({ title: 'Xylotheque' })
    expect(titles(await ada.ask(LIST, { filter: { search: 'xylotheque' } }))).toEqual(['Xylotheque'])
    expect(titles(await eve.ask(LIST, { filter: { search: 'xylotheque' } }))).toEqual([])
  })
})

describe('as an entity', () => {
  it('fifty pieces are read in one statement, in order, and those one may not see are null', async () => {
    const [ada, eve] = await Promise.all([author(), author()])
    const shown = await Promise.all(Array.from({ length: 24 }, (_, index) => ada.write({ title: `Piece ${index}` })))
    await Promise.all(shown.map(({ id }) => ada.publish(id)))
    const hidden = await Promise.all(Array.from({ length: 24 }, () => ada.write()))
    const ids: string[] = [...shown, ...hidden].map(({ id }) => id)
    const representations = [...ids, crypto.randomUUID(), 'no id'].map((id) => ({ __typename: 'Content', id }))
    const statements = jest.spyOn(pg.Client.prototype, 'query')
    const answer = await eve.ask(ENTITIES, { representations })
    const reads = statements.mock.calls.filter(([query]) => JSON.stringify(query).includes('contents'))
    statements.mockRestore()
    expect(reads).toHaveLength(1)
    expect(answer.errors).toEqual([])
    const user = { __typename: 'User', id: ada.userId }
    expect(answer.data?.['_entities']).toEqual([
      ...shown.map(({ id, title }) => ({ id, title, author: user })),
      ...Array(26).fill(null),
    ])
  })
})

describe('readiness', () => {
  it('tells what the service works on', async () => {
    const response = await fetch(`http://127.0.0.1:${subgraph.port}/ready`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'up', checks: { database: {}, bus: {}, cache: {} } })
  })
})
