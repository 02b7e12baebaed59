import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import { z } from 'zod'
import { aiCompleted } from '../../schema/contracts/ai-completed.js'
import { biometricVerified } from '../../schema/contracts/biometric-verified.js'
import { contentPublished } from '../../schema/contracts/content-published.js'
import { contentUnpublished } from '../../schema/contracts/content-unpublished.js'
import { userRegistered } from '../../schema/contracts/user-registered.js'
import { codes, startPeople, type StartedPeople, type TestPerson } from '../support/start-people.js'
import type { StartedSubgraph } from '../support/start-subgraph.js'
import { createTestIssuer } from '../support/test-tokens.js'

const PROFILE = 'profile { displayName bio avatarUrl timezone locale updatedAt }'
const FACTS = 'lastVerifiedAt publishedContentCount completedAiRequestCount'
const ME = `{ me { id ${PROFILE} ${FACTS} } }`
const USER = `query ($id: ID!) { user(id: $id) { id ${PROFILE} ${FACTS} } }`
const UPDATE = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { id ${PROFILE} } }`
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on User { id ${PROFILE} ${FACTS} }
} }`

let people: StartedPeople
let subgraph: StartedSubgraph
let happened: StartedPeople['happened']

beforeAll(async () => {
  people = await startPeople()
  ;({ subgraph, happened } = people)
})

afterAll(() => people.close())

const answeredUser = z.object({
  id: z.string(),
  profile: z.record(z.string(), z.string().nullable()),
  lastVerifiedAt: z.string().nullish(),
  publishedContentCount: z.number().nullish(),
  completedAiRequestCount: z.number().nullish(),
})

function withProfile(somebody: TestPerson) {
  const me = async () => answeredUser.parse((await somebody.ask(ME)).data?.['me'])
  return { ...somebody, me, update: (input: Record<string, unknown>) => somebody.ask(UPDATE, { input }) }
}

const stranger = async () => withProfile(await people.stranger())
const person = async (displayName?: string) => withProfile(await people.person(displayName))

describe('a profile', () => {
  it('has the name its owner registered under', async () => {
    const ada = await person('Ada Lovelace')

    expect(await ada.me()).toMatchObject({
      id: ada.id,
      profile: { displayName: 'Ada Lovelace', bio: null, avatarUrl: null, timezone: 'UTC', locale: 'en' },
      lastVerifiedAt: null,
      publishedContentCount: 0,
      completedAiRequestCount: 0,
    })
  })

  it('is there for its owner before the news of the registration, which then names it', async () => {
    const ada = await stranger()
    expect((await ada.me()).profile['displayName']).toBeNull()

    await happened(userRegistered, { userId: ada.id, displayName: 'Ada Lovelace' })

    expect((await ada.me()).profile['displayName']).toBe('Ada Lovelace')
  })

  it('keeps a name its owner has chosen before the news of the registration', async () => {
    const ada = await stranger()
    await ada.update({ displayName: 'Countess' })

    await happened(userRegistered, { userId: ada.id, displayName: 'Ada Lovelace' })

    expect((await ada.me()).profile['displayName']).toBe('Countess')
  })

  it('is made once, however many first reads there are at once', async () => {
    const ada = await stranger()

    const read = await Promise.all(Array.from({ length: 8 }, () => ada.me()))

    expect(new Set(read.map(({ profile }) => profile['updatedAt'])).size).toBe(1)
  })

  it('is null for nobody signed in', async () => {
    expect(await subgraph.ask(ME)).toMatchObject({ data: { me: null }, errors: [] })
  })
})

describe('changing a profile', () => {
  it('changes what is given, keeps the rest, and shows at once', async () => {
    const ada = await person()
    const before = await ada.me()

    const { data, errors } = await ada.update({
      displayName: '  Ada L.  ',
      bio: 'Notes on the\nAnalytical Engine.',
      avatarUrl: 'https://img.example/ada.png',
      timezone: 'europe/london',
      locale: 'EN-gb',
    })

    const profile = {
      displayName: 'Ada L.',
      bio: 'Notes on the\nAnalytical Engine.',
      avatarUrl: 'https://img.example/ada.png',
      timezone: 'Europe/London',
      locale: 'en-GB',
    }
    expect(errors).toEqual([])
    expect(data?.['updateProfile']).toMatchObject({ id: ada.id, profile })
    await ada.update({ bio: null, timezone: null, locale: null })
    const after = await ada.me()
    expect(after.profile).toMatchObject({ ...profile, bio: null })
    expect(Date.parse(after.profile['updatedAt'] ?? '')).toBeGreaterThan(Date.parse(before.profile['updatedAt'] ?? ''))
  })

  it.each([
    [{ displayName: 'A' }, 'VAL_FIELD_TOO_SHORT', 'input.displayName'],
    [{ displayName: 'x'.repeat(101) }, 'VAL_FIELD_TOO_LONG', 'input.displayName'],
    [{ displayName: 'Ada\u202egnp' }, 'VAL_VALIDATION_FAILED', 'input.displayName'],
    [{ bio: 'x'.repeat(1_001) }, 'VAL_FIELD_TOO_LONG', 'input.bio'],
    [{ bio: 'a\0b' }, 'VAL_VALIDATION_FAILED', 'input.bio'],
    [{ avatarUrl: 'http://img.example/ada.png' }, 'VAL_INVALID_FORMAT', 'input.avatarUrl'],
    [{ avatarUrl: 'javascript:alert(1)' }, 'VAL_INVALID_FORMAT', 'input.avatarUrl'],
    [{ avatarUrl: 'https://user:pass@img.example/' }, 'VAL_VALIDATION_FAILED', 'input.avatarUrl'],
    [{ avatarUrl: `https://img.example/${'a'.repeat(500)}` }, 'VAL_FIELD_TOO_LONG', 'input.avatarUrl'],
    [{ timezone: 'Mars/Olympus' }, 'VAL_VALIDATION_FAILED', 'input.timezone'],
    [{ bio: 'a\ud800' }, 'VAL_VALIDATION_FAILED', 'input.bio'],
    [{ locale: 'en_GB' }, 'VAL_VALIDATION_FAILED', 'input.locale'],
  ])('to %j is refused with %s, and changes nothing', async (input, code, field) => {
    const ada = await person()
    const before = await ada.me()

    const { errors } = await ada.update({ displayName: 'Changed', ...input })

    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code, details: [{ field }] }])
    expect(await ada.me()).toEqual(before)
  })

  it('needs an access token that is genuine and has not expired', async () => {
    const input = { displayName: 'Eve' }
    const forged = await (await createTestIssuer()).token()
    const expired = await subgraph.issuer.token({ expiresInSeconds: -6 })

    expect(codes(await subgraph.ask(UPDATE, { input }))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await subgraph.ask(UPDATE, { input }, forged))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await subgraph.ask(UPDATE, { input }, expired))).toEqual(['AUTH_TOKEN_EXPIRED'])
  })
})

describe('other people', () => {
  it('show their profile and how much they have published, and nothing private', async () => {
    const [ada, bob] = [await person('Ada'), await person('Bob')]
    const { id: userId } = ada
    await happened(biometricVerified, {
      sessionId: crypto.randomUUID(),
      recordId: crypto.randomUUID(),
      userId,
      decision: 'MATCH',
    })

    const { data, errors } = await bob.ask(USER, { id: ada.id })

    expect(errors).toEqual([])
    expect(data?.['user']).toMatchObject({
      id: ada.id,
      profile: { displayName: 'Ada' },
      publishedContentCount: 0,
      lastVerifiedAt: null,
      completedAiRequestCount: null,
    })
    expect((await ada.me()).lastVerifiedAt).not.toBeNull()
  })

  it('that nobody has heard of are null, like ids that could not be', async () => {
    const ada = await person()
    for (const id of [crypto.randomUUID(), 'nobody', '', "' OR 1=1 --"]) {
      expect(await ada.ask(USER, { id })).toMatchObject({ data: { user: null }, errors: [] })
    }
  })

  it('are looked up with user:read only', async () => {
    const guest = await subgraph.issuer.token({ roles: ['guest'] })

    expect(codes(await subgraph.ask(USER, { id: crypto.randomUUID() }))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await subgraph.ask(USER, { id: crypto.randomUUID() }, guest))).toEqual([
      'AUTHZ_INSUFFICIENT_PERMISSIONS',
    ])
  })
})

describe('entities', () => {
  it('of fifty users take one statement a table, and none for profiles the second time', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, stranger))
    for (const { me } of people) await me() // after which their profiles are there
    const unknown = Array.from({ length: 46 }, () => crypto.randomUUID())
    const ids = [...people.map(({ id }) => id), ...unknown, 'nobody']
    const representations = ids.map((id) => ({ __typename: 'User', id }))
    const sent = jest.spyOn(pg.Client.prototype, 'query')
    try {
      const read = async () => (await subgraph.ask(ENTITIES, { representations })).data?.['_entities']
      const expected = ids.map((id, n) =>
        n < 4 ? expect.objectContaining({ id, profile: expect.anything(), publishedContentCount: 0 }) : null,
      )
      const count = (table: string) =>
        sent.mock.calls.filter(([statement]) => JSON.stringify(statement).includes(table)).length

      expect(await read()).toEqual(expected)
      expect([count('profiles'), count('content_states'), count('activities')]).toEqual([1, 1, 0])

      const again = representations.slice(0, 4)
      await subgraph.ask(ENTITIES, { representations: again })
      expect(count('profiles')).toBe(1)
    } finally {
      sent.mockRestore()
    }
  })

  it('of the signed-in user show the private side', async () => {
    const [ada, bob] = [await stranger(), await person('Bob')]
    const representations = [ada, bob].map(({ id }) => ({ __typename: 'User', id }))

    const { data } = await ada.ask(ENTITIES, { representations })

    expect(data?.['_entities']).toMatchObject([
      { id: ada.id, completedAiRequestCount: 0 },
      { id: bob.id, completedAiRequestCount: null },
    ])
  })
})

describe('what other services tell', () => {
  const verification = (userId: string, decision: 'MATCH' | 'NON_MATCH') => ({
    sessionId: crypto.randomUUID(),
    recordId: crypto.randomUUID(),
    userId,
    decision,
  })

  it('of verifications: the latest match counts, in whatever order they come', async () => {
    const ada = await person()
    const [older, newer, newest] = ['2026-01-01T10:00:00Z', '2026-01-02T10:00:00Z', '2026-01-03T10:00:00Z']
    await happened(biometricVerified, verification(ada.id, 'MATCH'), new Date(newer))
    await happened(biometricVerified, verification(ada.id, 'MATCH'), new Date(older))
    await happened(biometricVerified, verification(ada.id, 'NON_MATCH'), new Date(newest))

    expect((await ada.me()).lastVerifiedAt).toBe('2026-01-02T10:00:00.000Z')
  })

  it('of AI requests: answered ones are counted once each, failed ones are not', async () => {
    const ada = await person()
    const completion = (outcome: 'COMPLETED' | 'FAILED') => ({
      requestId: crypto.randomUUID(),
      userId: ada.id,
      outcome,
      model: null,
      totalTokens: null,
    })
    for (const outcome of ['COMPLETED', 'FAILED', 'COMPLETED'] as const)
      await happened(aiCompleted, completion(outcome))

    expect((await ada.me()).completedAiRequestCount).toBe(2)
  })

  it('of content: pieces are counted that are published now, whatever order the news comes in', async () => {
    const ada = await person()
    const [kept, taken, late, twice] = Array.from({ length: 4 }, () => crypto.randomUUID())
    const at = (day: number) => new Date(Date.UTC(2026, 0, day))
    const published = (contentId = '', day: number) =>
      happened(contentPublished, { contentId, authorId: ada.id, publishedAt: at(day).toISOString() }, at(day))
    const unpublished = (contentId = '', day: number) =>
      happened(contentUnpublished, { contentId, authorId: ada.id }, at(day))

    await published(kept, 1)
    await published(taken, 1)
    await unpublished(taken, 2)
    await unpublished(late, 2) // the later news first
    await published(late, 1)
    await published(twice, 1)
    await published(twice, 3)
    await unpublished(twice, 2)

    expect((await ada.me()).publishedContentCount).toBe(2) // kept and twice
  })

  it('of somebody who is not known here yet is kept for when they are', async () => {
    const ada = await stranger()
    await happened(biometricVerified, verification(ada.id, 'MATCH'), new Date('2026-01-02T10:00:00Z'))

    expect((await ada.me()).lastVerifiedAt).toBe('2026-01-02T10:00:00.000Z')
  })
})
