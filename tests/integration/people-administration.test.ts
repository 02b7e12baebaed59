import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type z } from 'zod'
import { accountChanged } from '../../schema/contracts/account-changed.js'
import { profileAdministered } from '../../schema/contracts/profile-administered.js'
import { codes, startPeople, type StartedPeople, type TestPerson } from '../support/start-people.js'

const UPDATE = `mutation ($id: ID!, $input: UpdateProfileInput!) { updateUser(userId: $id, input: $input) {
  profile { displayName bio version }
} }`
const DELETE = 'mutation ($id: ID!) { deleteUser(userId: $id) { id } }'
const RESTORE = 'mutation ($id: ID!) { restoreUser(userId: $id) { id deletedAt } }'
const READ = 'query ($id: ID!) { user(id: $id) { deletedAt profile { displayName bio } } }'

let people: StartedPeople
let superadmin: TestPerson
let admin: TestPerson

beforeAll(async () => {
  people = await startPeople()
  superadmin = await people.person('The Root', ['superadmin'])
  admin = await people.person('The Admin', ['admin'])
})

afterAll(() => people.close())

/** What was told of acts on somebody's profile, in order, once `count` of them were. */
async function told(userId: string, count: number) {
  const follower = await people.subgraph.engines.bus.follow(profileAdministered.filter, 'all')
  const acts: z.infer<typeof profileAdministered.data>[] = []
  try {
    for await (const { envelope } of follower) {
      const data = profileAdministered.data.parse(envelope.data)
      if (data.userId === userId) acts.push(data)
      if (acts.length === count) break
    }
  } finally {
    await follower.close()
  }
  return acts
}

const everyAct: readonly (readonly [string, string, Record<string, unknown>])[] = [
  ['changed', UPDATE, { input: { bio: 'Mine.' } }],
  ['deleted', DELETE, {}],
  ['restored', RESTORE, {}],
]

describe('an administrator', () => {
  it('changes, hides and restores people and other administrators, and each act is told with its fields', async () => {
    for (const target of [await people.person(), await people.person('Another', ['admin'])]) {
      for (const [, act, more] of everyAct)
        expect((await admin.ask(act, { id: target.id, ...more })).errors).toEqual([])

      const by = { userId: target.id, administratorId: admin.id }
      expect(await told(target.id, 3)).toEqual([
        { ...by, act: 'changed', fields: ['bio'] },
        { ...by, act: 'deleted', fields: [] },
        { ...by, act: 'restored', fields: [] },
      ])
      expect((await admin.ask(READ, { id: target.id })).data?.['user']).toMatchObject({
        deletedAt: null,
        profile: { bio: 'Mine.' },
      })
    }
  })

  it.each(everyAct)('can not have a superadmin %s', async (_name, act, more) => {
    const answer = await admin.ask(act, { id: superadmin.id, ...more })

    expect(codes(answer)).toEqual(['AUTHZ_FORBIDDEN'])
    expect((await admin.ask(READ, { id: superadmin.id })).data?.['user']).toEqual({
      deletedAt: null,
      profile: { displayName: 'The Root', bio: null },
    })
  })

  it('can not act on somebody of whom auth has not told yet, who could be anybody; a superadmin can', async () => {
    const unknown = await people.stranger()
    await unknown.ask('mutation { updateProfile(input: { bio: "Here." }) { id } }')

    expect(codes(await admin.ask(DELETE, { id: unknown.id }))).toEqual(['AUTHZ_FORBIDDEN'])
    expect((await superadmin.ask(DELETE, { id: unknown.id })).errors).toEqual([])
  })

  it('can not hide or restore themselves: who was hidden by another does not undo it', async () => {
    const hidden = await people.person('Hidden', ['admin'])
    await superadmin.ask(DELETE, { id: hidden.id })

    for (const act of [DELETE, RESTORE])
      expect(codes(await hidden.ask(act, { id: hidden.id }))).toEqual(['AUTHZ_FORBIDDEN'])
    expect(codes(await hidden.ask(UPDATE, { id: hidden.id, input: { bio: 'Still here.' } }))).toEqual([
      'RES_ALREADY_DELETED',
    ])
  })

  it('has what auth told of them last: a token that is older gives no more', async () => {
    const demoted = await people.person('Was Root', ['superadmin'])
    await people.happened(accountChanged, {
      userId: demoted.id,
      revision: 2,
      role: 'admin',
      emailVerified: true,
      mfaEnabled: false,
    })

    expect(codes(await demoted.ask(DELETE, { id: superadmin.id }))).toEqual(['AUTHZ_FORBIDDEN'])
  })

  it('is refused what is based on an older version, and a second deletion, and nothing is told of it', async () => {
    const ada = await people.person()
    expect((await admin.ask(UPDATE, { id: ada.id, input: { bio: 'One.', version: 1 } })).errors).toEqual([])

    expect(codes(await admin.ask(UPDATE, { id: ada.id, input: { bio: 'Two.', version: 1 } }))).toEqual(['RES_CONFLICT'])
    await admin.ask(DELETE, { id: ada.id })
    expect(codes(await admin.ask(DELETE, { id: ada.id }))).toEqual(['RES_ALREADY_DELETED'])
    expect(codes(await admin.ask(DELETE, { id: crypto.randomUUID() }))).toEqual(['RES_NOT_FOUND'])
    await admin.ask(RESTORE, { id: ada.id })

    expect((await told(ada.id, 3)).map(({ act }) => act)).toEqual(['changed', 'deleted', 'restored'])
  })
})
