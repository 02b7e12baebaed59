import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { sessionEnded } from '../../../schema/contracts/session-ended.js'
import type { AuditChain } from '../audit/audit-chain.js'
import type { ServiceClientSecrets } from '../domain/issue-service-token.js'
import type { ServiceClientChanges } from '../domain/manage-service-clients.js'
import type { ServiceClient } from '../domain/service-clients.js'
import type { Prisma } from '../generated/prisma/client.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'
import { ownRole } from './prisma-administration.js'

/** Programs and their secrets in Postgres. `committed` is called after a commit that may have written events. */
export function createPrismaServiceClients(
  prisma: AuthPrisma,
  audit: AuditChain,
  committed: () => void,
): ServiceClientChanges & ServiceClientSecrets {
  return { ...secretsIn(prisma, audit), ...listIn(prisma), ...changesIn(prisma, audit, committed) }
}

function changesIn(prisma: AuthPrisma, audit: AuditChain, committed: () => void): Omit<ServiceClientChanges, 'list'> {
  return {
    add: ({ id, name, scopes }, secret, by, at, allow) =>
      prisma.$transaction(async (transaction) => {
        allow(await ownRole(transaction, by, at))
        await transaction.serviceClient.create({
          data: { id, name, scopes: [...scopes], createdAt: at, secrets: { create: { ...secret, createdAt: at } } },
        })
        await audit.write(transaction, at, {
          action: 'service-client.created',
          actor: by,
          subjectId: id,
          details: { name, scopes },
        })
        return clientIn(transaction, id, at)
      }),
    async addSecret(clientId, secret, previousUntil, by, at, allow) {
      const client = await prisma.$transaction(async (transaction) => {
        allow(await ownRole(transaction, by, at))
        if (!(await lockClient(transaction, clientId))) return null
        await (previousUntil === null
          ? endSecrets(transaction, clientId, by.userId, at)
          : retireSecrets(transaction, clientId, previousUntil, at))
        await transaction.serviceClientSecret.create({ data: { ...secret, clientId, createdAt: at } })
        await audit.write(transaction, at, {
          action: 'service-client.secret-rotated',
          actor: by,
          subjectId: clientId,
          details: { secretId: secret.id, endedOthers: previousUntil === null },
        })
        return clientIn(transaction, clientId, at)
      })
      committed()
      return client
    },
    async disable(id, by, at, allow) {
      const client = await prisma.$transaction(async (transaction) => {
        allow(await ownRole(transaction, by, at))
        if (await lockClient(transaction, id)) {
          await endSecrets(transaction, id, by.userId, at)
          await transaction.serviceClient.update({ where: { id }, data: { disabledAt: at } })
          await audit.write(transaction, at, { action: 'service-client.disabled', actor: by, subjectId: id })
        }
        const row = await transaction.serviceClient.findUnique({ where: { id }, ...withSecrets(at) })
        return row && clientOf(row)
      })
      committed()
      return client
    },
  }
}

function listIn(prisma: AuthPrisma): Pick<ServiceClientChanges, 'list'> {
  return {
    async list(after, limit, at) {
      const rows = await prisma.serviceClient.findMany({
        where:
          after === null
            ? {}
            : { OR: [{ createdAt: { lt: after.createdAt } }, { createdAt: after.createdAt, id: { gt: after.id } }] },
        orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
        take: limit,
        ...withSecrets(at),
      })
      return rows.map(clientOf)
    },
  }
}

function secretsIn(prisma: AuthPrisma, audit: AuditChain): ServiceClientSecrets {
  return {
    async find(clientId, fingerprint, at) {
      const row = await prisma.serviceClientSecret.findFirst({
        where: { fingerprint, clientId, ...goodAt(at), client: { disabledAt: null } },
        include: { client: { select: { scopes: true } } },
      })
      return row && { secretId: row.id, scopes: row.client.scopes }
    },
    use: (clientId, id, scopes, device, at) =>
      prisma.$transaction(async (transaction) => {
        const { count } = await transaction.serviceClientSecret.updateMany({
          where: { id, clientId, ...goodAt(at), client: { disabledAt: null } },
          data: { lastUsedAt: at },
        })
        if (count === 0) return false
        await audit.write(transaction, at, {
          action: 'service-token.issued',
          actor: { userId: clientId, device },
          subjectId: clientId,
          details: { secretId: id, scopes },
        })
        return true
      }),
  }
}

function goodAt(at: Date) {
  return { OR: [{ expiresAt: null }, { expiresAt: { gt: at } }] }
}

function withSecrets(at: Date) {
  return { include: { secrets: { where: goodAt(at), orderBy: { createdAt: 'desc' as const } } } }
}

type ClientRow = Prisma.ServiceClientGetPayload<{ include: { secrets: true } }>

function clientOf({ id, name, scopes, createdAt, disabledAt, secrets }: ClientRow): ServiceClient {
  const known = secrets.map((secret) => {
    const { id, createdAt, expiresAt, lastUsedAt } = secret
    return { id, createdAt, expiresAt, lastUsedAt }
  })
  return { id, name, scopes, createdAt, disabledAt, secrets: known }
}

async function clientIn(transaction: AuthTransaction, id: string, at: Date): Promise<ServiceClient> {
  return clientOf(await transaction.serviceClient.findUniqueOrThrow({ where: { id }, ...withSecrets(at) }))
}

/** Locks the program's row, so that its secrets are changed by one after the other. False where it is disabled or unknown. */
async function lockClient(transaction: AuthTransaction, id: string): Promise<boolean> {
  await transaction.$executeRaw`SELECT FROM service_clients WHERE id = ${id}::uuid FOR UPDATE`
  return (await transaction.serviceClient.count({ where: { id, disabledAt: null } })) === 1
}

const REMEMBERED_MS = 86_400_000 // longer than the last token of an expired secret lives: until then it can be ended

/** Leaves the newest secret good until `until` and none before it: with the one to come there are two. */
async function retireSecrets(transaction: AuthTransaction, clientId: string, until: Date, at: Date): Promise<void> {
  const [newest] = await transaction.serviceClientSecret.findMany({
    where: { clientId, ...goodAt(at) },
    orderBy: { createdAt: 'desc' },
    take: 1,
  })
  if (newest === undefined) return
  const others = { clientId, id: { not: newest.id } }
  await transaction.serviceClientSecret.updateMany({ where: { ...others, ...goodAt(at) }, data: { expiresAt: at } })
  const longAgo = new Date(at.getTime() - REMEMBERED_MS)
  await transaction.serviceClientSecret.deleteMany({ where: { ...others, expiresAt: { lt: longAgo } } })
  await transaction.serviceClientSecret.update({ where: { id: newest.id }, data: { expiresAt: until } })
}

/** Takes every secret away, those that have expired too, whose last tokens may be alive, and ends what was issued for them. */
async function endSecrets(transaction: AuthTransaction, clientId: string, actorId: string, at: Date): Promise<void> {
  const secrets = await transaction.serviceClientSecret.findMany({ where: { clientId }, select: { id: true } })
  await transaction.serviceClientSecret.deleteMany({ where: { clientId } })
  if (secrets.length === 0) return
  const events = secrets.map(({ id: sessionId }) =>
    createEventRow(sessionEnded, { sessionId, userId: clientId }, { actorId, now: at }),
  )
  await writeToOutbox(transaction, ...events)
}
