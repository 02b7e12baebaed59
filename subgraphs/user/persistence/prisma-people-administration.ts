import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { roleOf } from '../../../platform/identity/roles.js'
import { profileAdministered } from '../../../schema/contracts/profile-administered.js'
import type { AdministeredPerson, PeopleAdministration } from '../domain/administer-people.js'
import { changedColumns, profileColumns, profileOf } from './profile-row.js'
import type { Transact } from './transact.js'
import type { UserTransaction } from './user-prisma.js'

const select = profileColumns

export interface PeopleAdministrationParts {
  readonly transact: Transact
  /** Called after a commit. */
  readonly profileChanged: (userId: string) => Promise<void>
}

/** What administrators do to profiles, in Postgres: an act and the news of it are one transaction. */
export function createPrismaPeopleAdministration({
  transact,
  profileChanged,
}: PeopleAdministrationParts): PeopleAdministration {
  return {
    async withPerson(userId, administratorId, at, work) {
      const done = await transact(async (transaction) => {
        await transaction.$queryRaw`SELECT 1 FROM profiles WHERE user_id = ${userId}::uuid FOR UPDATE`
        const row = await transaction.profile.findUnique({ where: { userId }, select: { ...select, role: true } })
        if (row === null) return null
        const own = await transaction.profile.findUnique({ where: { userId: administratorId }, select: { role: true } })
        const { role, ...profile } = row
        return work({
          profile: profileOf(profile),
          role: roleOf(role),
          ownRole: roleOf(own?.role ?? null),
          ...acts(transaction, { userId, administratorId, at }),
        })
      })
      if (done !== null) await profileChanged(userId)
      return done
    },
  }
}

interface Act {
  readonly userId: string
  readonly administratorId: string
  readonly at: Date
}

function acts(
  transaction: UserTransaction,
  { userId, administratorId, at }: Act,
): Pick<AdministeredPerson, 'change' | 'setDeletion'> {
  const tell = (act: 'changed' | 'deleted' | 'restored', fields: string[] = []): Promise<void> => {
    const data = { userId, administratorId, act, fields }
    return writeToOutbox(transaction, createEventRow(profileAdministered, data, { now: at, actorId: administratorId }))
  }
  return {
    async change(changes) {
      const columns = changedColumns(changes)
      const data = { ...columns, version: { increment: 1 }, updatedAt: at }
      await tell('changed', namesOf(columns))
      return profileOf(await transaction.profile.update({ where: { userId }, data, select }))
    },
    async setDeletion(deletion) {
      const data = { deletedAt: deletion?.at ?? null, deletedBy: deletion?.by ?? null }
      await tell(deletion === null ? 'restored' : 'deleted')
      return profileOf(await transaction.profile.update({ where: { userId }, data, select }))
    },
  }
}

/** What is given; what is undefined is left out. */
function namesOf(columns: object): string[] {
  return Object.entries(columns).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}
