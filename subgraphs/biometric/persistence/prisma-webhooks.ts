import { writeToOutbox } from '../../../platform/bus/outbox.js'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { WebhookChanges } from '../domain/webhooks/manage-webhooks.js'
import type { Webhook } from '../domain/webhooks/webhook.js'
import { administeredEvent } from '../events/biometric-events.js'
import type { Webhook as Row } from '../generated/prisma/client.js'
import type { BiometricPrisma, Transact } from './biometric-prisma.js'

export interface PrismaWebhooks extends WebhookChanges {
  /** Newest first. */
  list(most: number): Promise<Webhook[]>
}

/** What a sealed secret is bound to. */
export function webhookContext(id: string): string {
  return `secret of webhook ${id}`
}

export function toWebhook({ id, url, createdAt, failingSince, disabledAt }: Row): Webhook {
  return { id, url, createdAt, failingSince, disabledAt }
}

export function createPrismaWebhooks(
  prisma: BiometricPrisma,
  transact: Transact,
  cipher: EnvelopeCipher,
): PrismaWebhooks {
  const seal = (id: string, secret: string) => cipher.seal(Buffer.from(secret), webhookContext(id))
  return {
    add: (webhook, secret, administratorId) =>
      transact(async (transaction) => {
        const { id, createdAt } = webhook
        await transaction.webhook.create({ data: { ...webhook, sealedSecret: seal(id, secret) } })
        const told = { act: 'webhook-registered', subjectId: id, administratorId } as const
        await writeToOutbox(transaction, administeredEvent(told, createdAt))
      }),
    rotate: (id, secret, previousUntil, administratorId, now) =>
      transact(async (transaction) => {
        const before = await transaction.webhook.findUnique({ where: { id, disabledAt: null } })
        if (before === null) return null
        const row = await transaction.webhook.update({
          where: { id },
          data: { sealedSecret: seal(id, secret), previousSealedSecret: before.sealedSecret, previousUntil },
        })
        const told = { act: 'webhook-secret-rotated', subjectId: id, administratorId } as const
        await writeToOutbox(transaction, administeredEvent(told, now))
        return toWebhook(row)
      }),
    disable: (id, administratorId, now) =>
      transact(async (transaction) => {
        const [row] = await transaction.webhook.updateManyAndReturn({
          where: { id, disabledAt: null },
          data: { disabledAt: now },
        })
        if (row === undefined) return null
        await transaction.webhookDelivery.deleteMany({ where: { webhookId: id } })
        const told = { act: 'webhook-disabled', subjectId: id, administratorId } as const
        await writeToOutbox(transaction, administeredEvent(told, now))
        return toWebhook(row)
      }),
    async list(most) {
      const rows = await prisma.webhook.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: most })
      return rows.map(toWebhook)
    },
  }
}
