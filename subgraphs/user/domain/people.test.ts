import { describe, expect, it } from '@jest/globals'
import { createPeople } from './people.js'
import type { Profile } from './profile.js'

const ada = '8f14e45f-ceea-4e7b-8f0d-1f2a3b4c5d6e'
const bob = 'c9f0f895-fb98-4b91-9d0c-2a3b4c5d6e7f'

function profileOf(userId: string): Profile {
  return {
    userId,
    displayName: null,
    bio: null,
    avatarUrl: null,
    timezone: 'UTC',
    locale: 'en',
    updatedAt: new Date(0),
  }
}

function profilesOf(...known: string[]) {
  return {
    find: async (id: string) => (known.includes(id.toLowerCase()) ? profileOf(id.toLowerCase()) : null),
    async ensure(id: string) {
      known.push(id)
      return profileOf(id)
    },
  }
}

describe('people', () => {
  it('are the viewer or somebody else', async () => {
    const people = createPeople(ada, profilesOf(ada, bob))

    expect(await people.find(ada)).toMatchObject({ id: ada, isViewer: true })
    expect(await people.find(bob)).toMatchObject({ id: bob, isViewer: false })
  })

  it('include the viewer from the first read on', async () => {
    const people = createPeople(ada, profilesOf())

    expect(await people.viewer()).toMatchObject({ id: ada, isViewer: true })
    expect(await people.find(ada)).toMatchObject({ id: ada })
  })

  it('do not include anybody whom nobody has heard of', async () => {
    const people = createPeople(ada, profilesOf())

    expect(await people.find(bob)).toBeNull()
    expect(await people.find('not an id')).toBeNull()
  })

  it('have no viewer when nobody is signed in', async () => {
    const people = createPeople(null, profilesOf(bob))

    expect(await people.viewer()).toBeNull()
    expect(await people.find(bob)).toMatchObject({ id: bob, isViewer: false })
  })
})
