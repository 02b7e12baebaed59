import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { codes, startPeople, type StartedPeople, type TestPerson } from '../support/start-people.js'

const SHOWN = 'id age profile { displayName bio avatarUrl status phone dateOfBirth timezone locale updatedAt version }'
const USER = `query ($id: ID!) { user(id: $id) { ${SHOWN} active deletedAt publishedContentCount } }`
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on User { ${SHOWN} active deletedAt publishedContentCount lastVerifiedAt }
} }`
const UPDATE = `mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { ${SHOWN} } }`
const PRIVACY = `mutation ($input: PrivacySettingsInput!) { updatePrivacySettings(input: $input) {
  showsProfile showsStatus showsPhone showsAge searchable
} }`
const ADD = `mutation ($id: ID!) { addContact(input: { userId: $id }) { user { id } } }`
const BLOCK = `mutation ($id: ID!) { blockUser(userId: $id) }`
const PREFERENCES = 'theme textScalePercent reducesMotion usesHighContrast notifications { email sms push } version'
const PREFER = `mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { ${PREFERENCES} } }`

let people: StartedPeople
let admin: TestPerson

beforeAll(async () => {
  people = await startPeople()
  admin = await people.person('The Admin', ['admin'])
})

afterAll(() => people.close())

const everything = {
  bio: 'Notes.',
  avatarUrl: 'https://img.example/ada.png',
  status: 'BUSY',
  phone: '+44 20 8366 1177',
  dateOfBirth: '1990-06-15',
  timezone: 'Europe/London',
  locale: 'en-GB',
}

async function personWithEverything(): Promise<TestPerson> {
  const somebody = await people.person('Ada Lovelace')
  expect((await somebody.ask(UPDATE, { input: everything })).errors).toEqual([])
  return somebody
}

/** What `viewer` gets to see of somebody, by the query and as an entity, which must be the same. */
async function seen(viewer: TestPerson | null, id: string) {
  const representations = [{ __typename: 'User', id }]
  const { data } = viewer
    ? await viewer.ask(ENTITIES, { representations })
    : await people.subgraph.ask(ENTITIES, { representations })
  const entity = (data?.['_entities'] as Record<string, unknown>[] | undefined)?.[0] ?? null
  if (viewer === null) return entity
  const user = (await viewer.ask(USER, { id })).data?.['user']
  expect(entity === null ? null : { ...entity, lastVerifiedAt: undefined }).toEqual(
    user === null ? null : { ...(user as object), lastVerifiedAt: undefined },
  )
  return entity
}

const hidden = { bio: null, avatarUrl: null, timezone: null, locale: null, updatedAt: null }

describe('a profile with everything', () => {
  it('shows its owner all of it, with the number in E.164', async () => {
    const ada = await personWithEverything()

    expect(await seen(ada, ada.id)).toMatchObject({
      age: expect.any(Number),
      active: true,
      deletedAt: null,
      profile: { ...everything, phone: '+442083661177', version: expect.any(Number) },
    })
  })

  it('shows others, as it begins, its profile and name only', async () => {
    const [ada, bob] = [await personWithEverything(), await people.person('Bob')]
    const { bio, avatarUrl, timezone, locale } = everything

    const expected = {
      age: null,
      active: null,
      deletedAt: null,
      profile: { displayName: 'Ada Lovelace', bio, avatarUrl, timezone, locale, status: null, phone: null },
    }
    expect(await seen(bob, ada.id)).toMatchObject(expected)
    expect(await seen(bob, ada.id)).toMatchObject({ profile: { dateOfBirth: null, version: null } })
    expect(await seen(null, ada.id)).toMatchObject(expected)
  })

  it('shows administrators all of it', async () => {
    const ada = await personWithEverything()

    expect(await seen(admin, ada.id)).toMatchObject({
      active: true,
      profile: { phone: '+442083661177', status: 'BUSY' },
    })
  })

  it.each([
    [{ phone: '020 8366 1177' }, 'VAL_VALIDATION_FAILED', 'input.phone'],
    [{ phone: '+1 415 555 267' }, 'VAL_VALIDATION_FAILED', 'input.phone'],
    [{ dateOfBirth: '1899-12-31' }, 'VAL_VALIDATION_FAILED', 'input.dateOfBirth'],
    [{ dateOfBirth: '2005-02-29' }, 'VAL_VALIDATION_FAILED', 'input.dateOfBirth'],
    [{ dateOfBirth: '9999-01-01' }, 'VAL_VALIDATION_FAILED', 'input.dateOfBirth'],
  ])('can not be changed to %j: %s', async (input, code, field) => {
    const ada = await people.person()

    const { errors } = await ada.ask(UPDATE, { input })

    expect(errors.map(({ extensions }) => extensions)).toMatchObject([{ code, details: [{ field }] }])
  })
})

describe('privacy settings', () => {
  it('stand as they begin until they are changed, and what is left out stays', async () => {
    const ada = await people.person()
    const initial = {
      showsProfile: 'EVERYONE',
      showsStatus: 'CONTACTS',
      showsPhone: 'NOBODY',
      showsAge: 'NOBODY',
      searchable: true,
    }

    const read = '{ myPrivacySettings { showsProfile showsStatus showsPhone showsAge searchable } }'
    expect((await ada.ask(read)).data?.['myPrivacySettings']).toEqual(initial)
    const { data } = await ada.ask(PRIVACY, { input: { showsPhone: 'CONTACTS', showsAge: null } })

    expect(data?.['updatePrivacySettings']).toEqual({ ...initial, showsPhone: 'CONTACTS' })
    expect((await ada.ask(read)).data?.['myPrivacySettings']).toEqual({ ...initial, showsPhone: 'CONTACTS' })
  })

  it('hold from the next read on, for contacts and for others, also for who is not signed in', async () => {
    const [ada, bob, eve] = [await personWithEverything(), await people.person('Bob'), await people.person('Eve')]
    await seen(bob, ada.id) // so that her profile is in the cache
    await ada.ask(ADD, { id: bob.id })
    const input = { showsProfile: 'CONTACTS', showsStatus: 'EVERYONE', showsPhone: 'CONTACTS', showsAge: 'CONTACTS' }
    await ada.ask(PRIVACY, { input })

    expect(await seen(bob, ada.id)).toMatchObject({
      age: expect.any(Number),
      profile: { bio: 'Notes.', status: 'BUSY', phone: '+442083661177' },
    })
    for (const other of [eve, null]) {
      expect(await seen(other, ada.id)).toMatchObject({
        age: null,
        profile: { ...hidden, displayName: 'Ada Lovelace', status: 'BUSY', phone: null },
      })
    }
  })

  it('are those of the person looked at: whom the viewer lists does not matter', async () => {
    const [ada, bob] = [await personWithEverything(), await people.person('Bob')]
    await ada.ask(PRIVACY, { input: { showsPhone: 'CONTACTS' } })

    await bob.ask(ADD, { id: ada.id })

    expect(await seen(bob, ada.id)).toMatchObject({ profile: { phone: null } })
  })

  it('are changed by who is signed in only', async () => {
    expect(codes(await people.subgraph.ask(PRIVACY, { input: {} }))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('somebody who is blocked', () => {
  it('meets nobody, exactly as where nobody is, from the next read on; others and administrators see no difference', async () => {
    const [ada, bob, eve] = [await personWithEverything(), await people.person('Bob'), await people.person('Eve')]
    expect(await seen(bob, ada.id)).not.toBeNull()

    expect((await ada.ask(BLOCK, { id: bob.id })).data).toEqual({ blockUser: true })

    expect(await seen(bob, ada.id)).toBeNull()
    const nobody = crypto.randomUUID()
    expect(await bob.ask(USER, { id: ada.id })).toEqual(await bob.ask(USER, { id: nobody }))
    const refusals = await Promise.all([ada.id, nobody].map((id) => bob.ask(ADD, { id })))
    expect(refusals.map(codes)).toEqual([['RES_NOT_FOUND'], ['RES_NOT_FOUND']])
    expect(refusals[0]?.errors[0]?.message).toBe(refusals[1]?.errors[0]?.message)
    for (const other of [eve, admin]) expect(await seen(other, ada.id)).not.toBeNull()
    expect(await seen(ada, bob.id)).not.toBeNull() // the one who blocks still sees what everybody sees
  })

  it('meets the person again once the block is taken back', async () => {
    const [ada, bob] = [await people.person('Ada'), await people.person('Bob')]
    await ada.ask(BLOCK, { id: bob.id })

    await ada.ask('mutation ($id: ID!) { unblockUser(userId: $id) }', { id: bob.id })

    expect(await seen(bob, ada.id)).toMatchObject({ profile: { displayName: 'Ada' } })
  })
})

describe('two changes of one profile', () => {
  it('based on one version: the second is refused and changes nothing', async () => {
    const ada = await personWithEverything()
    const read = async () => (await seen(ada, ada.id)) as { profile: { version: number; bio: string } }
    const { version } = (await read()).profile

    const both = await Promise.all(['one', 'two'].map((bio) => ada.ask(UPDATE, { input: { bio, version } })))

    expect(both.flatMap(codes)).toEqual(['RES_CONFLICT'])
    const after = await read()
    const kept = both.find(({ errors }) => errors.length === 0)?.data?.['updateProfile']
    expect(after.profile).toMatchObject({ version: version + 1 })
    expect(kept).toMatchObject({ profile: { bio: after.profile.bio } })
  })

  it('without a version: the last one wins, and each raises it', async () => {
    const ada = await people.person()
    const versions: unknown[] = []
    for (const bio of ['one', 'two']) {
      const { data } = await ada.ask(UPDATE, { input: { bio } })
      versions.push((data?.['updateProfile'] as { profile: { version: number } }).profile.version)
    }

    expect(versions).toEqual([2, 3])
  })
})

describe('preferences', () => {
  const initial = {
    theme: 'SYSTEM',
    textScalePercent: 100,
    reducesMotion: false,
    usesHighContrast: false,
    notifications: { email: true, sms: false, push: true },
    version: 0,
  }

  it('are kept, each change over the one before', async () => {
    const ada = await people.person()
    expect((await ada.ask(`{ myPreferences { ${PREFERENCES} } }`)).data?.['myPreferences']).toEqual(initial)

    await ada.ask(PREFER, { input: { theme: 'DARK', notifications: { sms: true } } })
    const { data } = await ada.ask(PREFER, { input: { textScalePercent: 150, theme: null, version: 1 } })

    const expected = {
      ...initial,
      theme: 'DARK',
      textScalePercent: 150,
      notifications: { email: true, sms: true, push: true },
      version: 2,
    }
    expect(data?.['updatePreferences']).toEqual(expected)
    expect((await ada.ask(`{ myPreferences { ${PREFERENCES} } }`)).data?.['myPreferences']).toEqual(expected)
  })

  it('lose no change that meets another, and refuse one that is based on an older version', async () => {
    const ada = await people.person()
    const changes = [{ theme: 'DARK' }, { textScalePercent: 80 }, { reducesMotion: true }, { usesHighContrast: true }]
    await Promise.all(changes.map((input) => ada.ask(PREFER, { input })))

    const answer = await ada.ask(PREFER, { input: { theme: 'LIGHT', version: 3 } })

    expect(codes(answer)).toEqual(['RES_CONFLICT'])
    expect((await ada.ask(`{ myPreferences { ${PREFERENCES} } }`)).data?.['myPreferences']).toMatchObject({
      ...Object.assign({}, ...changes),
      version: 4,
    })
  })

  it('out of range are refused', async () => {
    const ada = await people.person()

    expect(codes(await ada.ask(PREFER, { input: { textScalePercent: 301 } }))).toEqual(['VAL_VALIDATION_FAILED'])
  })
})

describe('a telephone number', () => {
  const LOOKUP =
    'query ($phone: String!) { lookupPhone(phone: $phone) { number country countryName callingCode kind timezones } }'

  it('is looked up in the numbering plan', async () => {
    const ada = await people.person()

    expect((await ada.ask(LOOKUP, { phone: '+49 170 1234567' })).data?.['lookupPhone']).toEqual({
      number: '+491701234567',
      country: 'DE',
      countryName: 'Germany',
      callingCode: '+49',
      kind: 'MOBILE',
      timezones: expect.arrayContaining(['Europe/Berlin']),
    })
    expect(await ada.ask(LOOKUP, { phone: 'not a number' })).toMatchObject({ data: { lookupPhone: null }, errors: [] })
    expect(codes(await people.subgraph.ask(LOOKUP, { phone: '+491701234567' }))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})
