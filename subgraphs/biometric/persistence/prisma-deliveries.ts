import { z } from 'zod'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { A_FEW, backOff, type Deliveries } from '../domain/webhooks/deliver-callbacks.js'
import { administeredEvent } from '../events/biometric-events.js'
import type { Webhook as Row } from '../generated/prisma/client.js'
import type { BiometricPrisma, Transact } from './biometric-prisma.js'
import { toWebhook, webhookContext } from './prisma-webhooks.js'

export function createPrismaDeliveries(
  prisma: BiometricPrisma,
  transact: Transact,
  cipher: EnvelopeCipher,
): Deliveries {
  const secretsOf = ({ id, sealedSecret, previousSealedSecret, previousUntil }: Row, now: Date) => {
    const isGood = previousSealedSecret !== null && previousUntil !== null && previousUntil > now
    const sealed = isGood ? [sealedSecret, previousSealedSecret] : [sealedSecret]
    return sealed.map((bytes) => Buffer.from(cipher.open(bytes, webhookContext(id))).toString())
  }
  return {
    claim: (most, without, now) =>
      transact(async (transaction) => {
        const found = await transaction.$queryRaw`
          SELECT id FROM webhook_deliveries
          WHERE id IN (
            SELECT id FROM (
              SELECT id, next_attempt_at, row_number() OVER (PARTITION BY webhook_id ORDER BY next_attempt_at) AS place
              FROM webhook_deliveries WHERE next_attempt_at <= ${now}::timestamptz AND webhook_id <> ALL(${[...without]}::uuid[])
            ) AS due WHERE place <= ${A_FEW}::int ORDER BY next_attempt_at LIMIT ${most}::int
          ) AND next_attempt_at <= ${now}::timestamptz
          FOR UPDATE SKIP LOCKED`
        const ids = z.array(z.object({ id: z.string() })).parse(found)
        const rows = await transaction.webhookDelivery.findMany({
          where: { id: { in: ids.map(({ id }) => id) } },
          include: { webhook: true },
        })
        for (const { id, attempts } of rows) {
          const nextAttemptAt = new Date(now.getTime() + backOff(attempts + 1))
          await transaction.webhookDelivery.update({ where: { id }, data: { attempts: attempts + 1, nextAttemptAt } })
        }
        return rows.map(({ id, webhook, body, attempts, createdAt }) => ({
          ...{ id, body: JSON.stringify(body), attempts: attempts + 1, createdAt },
          ...{ webhook: toWebhook(webhook), secrets: secretsOf(webhook, now) },
        }))
      }),
    taken: ({ id, webhook }) =>
      transact(async (transaction) => {
        await transaction.webhookDelivery.deleteMany({ where: { id } })
        const failing = { id: webhook.id, failingSince: { not: null } }
        await transaction.webhook.updateMany({ where: failing, data: { failingSince: null } })
      }),
    async failed({ webhook: { id } }, now) {
      await prisma.webhook.updateMany({ where: { id, failingSince: null }, data: { failingSince: now } })
      return (await prisma.webhook.findUnique({ where: { id } }))?.failingSince ?? now
    },
    disable: (id, now) =>
      transact(async (transaction) => {
        const { count } = await transaction.webhook.updateMany({
          where: { id, disabledAt: null },
          data: { disabledAt: now },
        })
        await transaction.webhookDelivery.deleteMany({ where: { webhookId: id } })
        if (count === 0) return
        const told = { act: 'webhook-disabled', subjectId: id, administratorId: null } as const
        await writeToOutbox(transaction, administeredEvent(told, now))
      }),
  }
}
