import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openEmbeddedPostgres, type EmbeddedPostgres } from '../../platform/database/embedded-postgres.js'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { isUniqueViolation } from '../../platform/database/translate-database-errors.js'
import { AppError } from '../../platform/errors/app-error.js'
import { createLogger } from '../../platform/log/logger.js'
import { createUserPrisma, type UserPrisma } from '../../subgraphs/user/persistence/user-prisma.js'

const logger = createLogger({ service: 'tests', level: 'silent' })
let folder: string
let postgres: EmbeddedPostgres
let door: { readonly server: Server; readonly port: number; readonly sockets: Set<Socket> }
let database: Database
let prisma: UserPrisma

/** One address for a server that comes back on another port. */
async function openDoor() {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(postgres.port, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
      from.pipe(to)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return { server, sockets, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'restart-'))
  postgres = await openEmbeddedPostgres({ folder, logger })
  door = await openDoor()
  const url = new URL(postgres.url)
  url.port = String(door.port)
  database = await openDatabase({ url: url.toString(), schema: 'user', logger })
  prisma = createUserPrisma(database)
})

afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  door.server.close()
  for (const socket of door.sockets) socket.destroy()
  await postgres.close()
  await rm(folder, { recursive: true })
})

const at = new Date('2026-01-01T00:00:00.000Z')
const userId = '5c0d8c1e-6c1f-4f0e-9a83-0d4ad2b1a001'

const killPostgres = async () => {
  const pidFile = await readFile(path.join(folder, 'cluster', 'postmaster.pid'), 'utf8')
  process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL')
  await once(await openSocketThatEnds(), 'close')
}

/** Closed by the server's end: every backend leaves when its postmaster is gone. */
async function openSocketThatEnds(): Promise<Socket> {
  const socket = connect(postgres.port, '127.0.0.1')
  socket.on('error', () => {})
  return socket
}

const refusal = async (work: Promise<unknown>): Promise<AppError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error instanceof AppError) return error
  throw new Error('It was not refused with a code.', { cause: error })
}

const restartPostgres = async () => {
  await postgres.close()
  postgres = await openEmbeddedPostgres({ folder, logger })
}

describe('a Postgres that is killed and comes back', () => {
  it('meanwhile gives every kind of call the same code and no address, and afterwards serves again', async () => {
    await prisma.profile.create({ data: { userId, displayName: 'Ada', createdAt: at, updatedAt: at } })
    let whole = false
    const interrupted = refusal(
      prisma.$transaction(async (transaction) => {
        await transaction.profile.update({ where: { userId }, data: { displayName: 'Lost' } })
        await killPostgres()
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

    await restartPostgres()
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
