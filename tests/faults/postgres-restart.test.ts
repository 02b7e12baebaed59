import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { isUniqueViolation } from '../../platform/database/translate-database-errors.js'
import { AppError } from '../../platform/errors/app-error.js'
import { createLogger } from '../../platform/log/logger.js'
import { startPostgres } from '../support/private-postgres.js'
import type { PrivateServer } from '../support/private-servers.js'
import { createUserPrisma, type UserPrisma } from '../../subgraphs/user/persistence/user-prisma.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
let postgres: PrivateServer
let database: Database
let prisma: UserPrisma

beforeAll(async () => {
  postgres = await startPostgres()
  database = await openDatabase({ url: postgres.url, schema: 'user', logger })
  prisma = createUserPrisma(database)
})

afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await postgres.close()
})

const at = new Date('2026-01-01T00:00:00.000Z')
const userId = '5c0d8c1e-6c1f-4f0e-9a83-0d4ad2b1a001'

const refusal = async (work: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw new Error('It was not refused with a code.', { cause: error })
}

describe('a Postgres that is killed and comes back', () => {
  it('meanwhile gives every kind of call the same code and no address, and afterwards serves again', async () => {
    await prisma.profile.create({ data: { userId, displayName: 'Ada', createdAt: at, updatedAt: at } })
    let whole = false
    const interrupted = refusal(
      prisma.$transaction(async (transaction) => {
        await transaction.profile.update({ where: { userId }, data: { displayName: 'Lost' } })
        await postgres.kill()
        await transaction.profile.findMany()
        whole = true
      }),
    )
    const refusals = [
      await interrupted,
      await refusal(prisma.profile.findMany()),
      await refusal(prisma.$queryRaw`SELECT 1`),
      await refusal(prisma.$transaction([prisma.profile.count()])),
      await refusal(prisma.$transaction((transaction) => transaction.profile.count())),
    ]
    expect(whole).toBe(false)
    for (const error of refusals) {
      expect(error.code).toBe('INT_DATABASE_ERROR')
      expect(error.message).not.toMatch(/127\.0\.0\.1|SELECT|prisma/)
      expect(error.cause).toBeDefined()
    }
    await expect(database.check()).rejects.toThrow()

    await postgres.restart()
    await database.check()
    await expect(prisma.profile.findUnique({ where: { userId } })).resolves.toMatchObject({ displayName: 'Ada' })
  })

  it('leaves what is no fault of the server to the caller', async () => {
    const again = prisma.profile.create({ data: { userId, createdAt: at, updatedAt: at } })
    const error: unknown = await again.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).not.toBeInstanceOf(AppError)
    expect(isUniqueViolation(error)).toBe(true)
    expect(isUniqueViolation(error, 'profiles_pkey')).toBe(true)
    expect(isUniqueViolation(error, ['email'])).toBe(false)
    const own = new Error('own')
    await expect(prisma.$transaction(() => Promise.reject(own))).rejects.toBe(own)
  })
})
