/**
 * Ends of verifications told to operators' addresses. In: the database, the keys, and where callbacks may go. Out: how webhooks are
 * managed, and a worker that delivers. Every replica runs one; they share what is due.
 */
import { callbackHeaders, createCallbackSecret } from '../../platform/callback/callback-signature.js'
import { createCallbackSender } from '../../platform/callback/callback-sender.js'
import { createReachableNetworks } from '../../platform/callback/reachable-networks.js'
import type { EnvelopeCipher } from '../../platform/crypto/envelope.js'
import type { Logger } from '../../platform/log/logger.js'
import { openSweeper, type Sweeper } from '../../platform/service/open-sweeper.js'
import type { BiometricConfig } from './config.js'
import { createDeliverCallbacks } from './domain/webhooks/deliver-callbacks.js'
import { createManageWebhooks } from './domain/webhooks/manage-webhooks.js'
import { isIP } from 'node:net'
import type { BiometricPrisma, Transact } from './persistence/biometric-prisma.js'
import { createPrismaDeliveries } from './persistence/prisma-deliveries.js'
import { createPrismaWebhooks } from './persistence/prisma-webhooks.js'

interface CallbackParts {
  readonly prisma: BiometricPrisma
  readonly transact: Transact
  readonly cipher: EnvelopeCipher
  readonly config: BiometricConfig['callbacks']
  readonly logger: Logger
  readonly now: () => Date
}

export function createWebhooks({ prisma, transact, cipher, config, now }: Omit<CallbackParts, 'logger'>) {
  const networks = createReachableNetworks(config.allowedNetworks)
  const webhooks = createPrismaWebhooks(prisma, transact, cipher)
  const mayReach = (host: string) => isIP(host) === 0 || networks.includes(host)
  return {
    list: webhooks.list,
    manage: createManageWebhooks({ webhooks, newSecret: createCallbackSecret, mayReach, now }),
  }
}

export function openCallbackWorker({ prisma, transact, cipher, config, logger, now }: CallbackParts): Sweeper {
  const post = createCallbackSender({
    networks: createReachableNetworks(config.allowedNetworks),
    ...(config.authorities && { authorities: config.authorities }),
  })
  const delivery = createDeliverCallbacks({
    deliveries: createPrismaDeliveries(prisma, transact, cipher),
    async send({ id, webhook, body, secrets, attempts }, sentAt) {
      const outcome = await post({ url: webhook.url, headers: callbackHeaders({ id, sentAt, body }, secrets), body })
      if (outcome !== 'taken') logger.warn({ webhookId: webhook.id, attempts, outcome }, 'a callback was not taken')
      return outcome === 'taken'
    },
    now,
  })
  const sweeper = openSweeper({
    sweep: delivery.sweep,
    everyMs: config.everyMs,
    logger,
    failure: 'callbacks could not be delivered just now',
  })
  return {
    async close() {
      await sweeper.close()
      await delivery.settled()
    },
  }
}
