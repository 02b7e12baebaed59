import { describe, expect, it } from '@jest/globals'
import { createPeople, type Standing, type Viewer } from './people.js'
import { initialPrivacy, type Audience, type Privacy } from './privacy.js'
import type { Profile } from './profile.js'

const ada = '8f14e45f-ceea-4e7b-8f0d-1f2a3b4c5d6e'
const bob = 'c9f0f895-fb98-4b91-9d0c-2a3b4c5d6e7f'
const stranger: Standing = { isContact: false, isBlocked: false }
const contact: Standing = { isContact: true, isBlocked: false }
const blocked: Standing = { isContact: false, isBlocked: true }

function profileOf(userId: string, changes: Partial<Profile> = {}): Profile {
  return {
    userId,
    displayName: 'Somebody',
    bio: 'A bio.',
    avatarUrl: 'https://img.example/a.png',
    status: 'BUSY',
    phone: '+442083661177',
    dateOfBirth: '1990-06-15',
    timezone: 'Europe/London',
    locale: 'en-GB',
    privacy: initialPrivacy,
    version: 3,
    updatedAt: new Date(0),
    deletedAt: null,
    deletedBy: null,
    ...changes,
  }
}

function peopleSeenBy(viewer: Partial<Viewer>, profiles: readonly Profile[], standing = stranger) {
  const known = [...profiles]
  return createPeople(
    { userId: ada, seesAll: false, ...viewer },
    {
      find: async (id) => known.find(({ userId }) => userId === id) ?? null,
      async ensure(id) {
        known.push(profileOf(id))
        return profileOf(id)
      },
      standingWith: async () => standing,
      now: () => new Date('2026-06-14T12:00:00Z'),
    },
  )
}

describe('people', () => {
  it('are the viewer or somebody else', async () => {
    const people = peopleSeenBy({}, [profileOf(ada), profileOf(bob)])

    expect(await people.find(ada)).toMatchObject({ id: ada, isViewer: true })
    expect(await people.find(bob)).toMatchObject({ id: bob, isViewer: false })
  })

  it('include the viewer from the first read on', async () => {
    const people = peopleSeenBy({}, [])

    expect(await people.viewer()).toMatchObject({ id: ada, isViewer: true })
    expect(await people.find(ada)).toMatchObject({ id: ada })
  })

  it('do not include anybody whom nobody has heard of', async () => {
    const people = peopleSeenBy({}, [])

    expect(await people.find(bob)).toBeNull()
    expect(await people.find('not an id')).toBeNull()
  })

  it('have no viewer when nobody is signed in', async () => {
    const people = peopleSeenBy({ userId: null }, [profileOf(bob)])

    expect(await people.viewer()).toBeNull()
    expect(await people.find(bob)).toMatchObject({ id: bob, isViewer: false })
  })
})

describe('somebody who hides', () => {
  const deleted = profileOf(bob, { deletedAt: new Date(5), deletedBy: 'SELF' })

  it('is nobody: by a block, or deleted', async () => {
    expect(await peopleSeenBy({}, [profileOf(bob)], blocked).find(bob)).toBeNull()
    expect(await peopleSeenBy({}, [deleted], contact).find(bob)).toBeNull()
    expect(await peopleSeenBy({ userId: null }, [deleted]).find(bob)).toBeNull()
  })

  it('is still there for administrators, and for themselves', async () => {
    expect(await peopleSeenBy({ seesAll: true }, [profileOf(bob)], blocked).find(bob)).toMatchObject({ id: bob })
    expect(await peopleSeenBy({ seesAll: true }, [deleted]).find(bob)).toMatchObject({
      deletion: { deletedAt: new Date(5) },
    })
    expect(await peopleSeenBy({ userId: bob }, [deleted]).viewer()).toMatchObject({
      deletion: { deletedAt: new Date(5) },
    })
  })
})

describe('what is shown of a profile', () => {
  const groups = {
    showsProfile: ['bio', 'avatarUrl', 'timezone', 'locale', 'updatedAt'],
    showsStatus: ['status'],
    showsPhone: ['phone'],
    showsAge: ['age'],
  } as const satisfies Partial<Record<keyof Privacy, readonly string[]>>
  const cases = Object.keys(groups).flatMap((group) =>
    (['EVERYONE', 'CONTACTS', 'NOBODY'] as const).map((audience) => [group as keyof typeof groups, audience] as const),
  )

  it.each(cases)('by %s of %s is for those only', async (group, audience: Audience) => {
    const privacy = { ...initialPrivacy, [group]: audience }
    const seen = async (viewer: Partial<Viewer>, standing = stranger) => {
      const person = await peopleSeenBy(viewer, [profileOf(bob, { privacy })], standing).find(bob)
      const shown = Object.entries(person?.profile ?? {}).filter(([, value]) => value !== null)
      const names: readonly string[] = shown.map(([name]) => name)
      const ofGroup = groups[group].filter((name) => names.includes(name))
      expect([0, groups[group].length]).toContain(ofGroup.length)
      return ofGroup.length > 0
    }

    expect(await seen({ userId: null })).toBe(audience === 'EVERYONE')
    expect(await seen({})).toBe(audience === 'EVERYONE')
    expect(await seen({}, contact)).toBe(audience !== 'NOBODY')
    expect(await seen({ userId: bob })).toBe(true)
    expect(await seen({ seesAll: true })).toBe(true)
  })

  it('is the name to everybody, the day of birth, version and privacy to nobody else', async () => {
    const shown = await peopleSeenBy({}, [profileOf(bob)], contact).find(bob)
    expect(shown).toMatchObject({
      profile: { displayName: 'Somebody', dateOfBirth: null, version: null },
      privacy: null,
    })

    const own = await peopleSeenBy({ userId: bob }, [profileOf(bob)]).viewer()
    expect(own).toMatchObject({ profile: { dateOfBirth: '1990-06-15', age: 35, version: 3 }, privacy: initialPrivacy })
  })
})
