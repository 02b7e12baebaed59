import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { userErasureRequested } from '../../schema/contracts/user-erasure-requested.js'
import { codes, startPeople, type StartedPeople, type TestPerson } from '../support/start-people.js'
import { until } from '../support/until.js'

const DAY_MS = 86_400_000
const PATIENCE_MS = 25_000 // less than a test may take
const DELETE = 'mutation { deleteMyProfile { id } }'
const RESTORE = 'mutation { restoreMyProfile { id deletedAt } }'
const READ = 'query ($id: ID!) { user(id: $id) { id } }'

let aheadMs = 0
let people: StartedPeople
let admin: TestPerson
beforeAll(async () => {
  people = await startPeople(() => new Date(Date.now() + aheadMs))
  admin = await people.person('The Admin', ['admin'])
}, 60_000)
afterAll(() => people.close())

/** Of whom the erasure was asked for so far. */
async function erasing(): Promise<readonly string[]> {
  const follower = await people.subgraph.engines.bus.follow(userErasureRequested.filter, 'all')
  const ids: string[] = []
  let left = follower.backlog
  if (left > 0)
    for await (const { envelope } of follower) {
      ids.push(userErasureRequested.data.parse(envelope.data).userId)
      left -= 1
      if (left === 0) break
    }
  await follower.close()
  return ids
}

const thereFor = async (id: string) => (await admin.ask(READ, { id })).data?.['user'] !== null

describe('somebody who deleted themselves', () => {
  it('is refused to do it again, comes back within 30 days, and is erased everywhere after them', async () => {
    const [ada, root] = [await people.person('Ada'), await people.person('Root', ['superadmin'])]
    const [hidden, back] = [await people.person('Hidden'), await people.person('Back')]
    for (const who of [ada, root, back]) expect((await who.ask(DELETE)).errors).toEqual([])
    expect(codes(await ada.ask(DELETE))).toEqual(['RES_ALREADY_DELETED'])
    await admin.ask('mutation ($id: ID!) { deleteUser(userId: $id) { id } }', { id: hidden.id })

    aheadMs += 30 * DAY_MS - 60_000
    expect((await back.ask(RESTORE)).data).toEqual({ restoreMyProfile: { id: back.id, deletedAt: null } })
    expect(await erasing()).toEqual([])

    aheadMs += 60_000
    expect(codes(await ada.ask(RESTORE))).toEqual(['AUTHZ_FORBIDDEN'])
    await until(async () => (await erasing()).length > 0, PATIENCE_MS)
    await until(async () => !(await thereFor(ada.id)), PATIENCE_MS)

    expect(await erasing()).toEqual([ada.id])
    for (const { id } of [root, hidden, back]) expect(await thereFor(id)).toBe(true)
  }, 60_000)
})
