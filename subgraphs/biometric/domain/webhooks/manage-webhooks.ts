import { AppError } from '../../../../platform/errors/app-error.js'
import type { Webhook } from './webhook.js'

/** Each change tells the audit log who made it. Null where there is no such webhook, or it is disabled already. */
export interface WebhookChanges {
  add(webhook: Webhook, secret: string, by: string): Promise<void>
  rotate(id: string, secret: string, previousUntil: Date, by: string, now: Date): Promise<Webhook | null>
  disable(id: string, by: string, now: Date): Promise<Webhook | null>
}

interface ManageParts {
  readonly webhooks: WebhookChanges
  readonly newSecret: () => string
  /** Whether a host, where it is an address, is one that callbacks may go to; names are looked up at every callback. */
  readonly mayReach: (host: string) => boolean
  readonly now: () => Date
}

export interface WebhookSecret {
  readonly webhook: Webhook
  readonly secret: string
}

const OVERLAP_MS = 86_400_000 // a working day to bring a new secret to where it is used
const LONGEST_URL = 2_048

/** How webhooks come and go. Whoever calls has checked permissions and that the sign-in is fresh. */
export function createManageWebhooks({ webhooks, newSecret, mayReach, now }: ManageParts) {
  return {
    /** Throws VAL_VALIDATION_FAILED that names `input.url`. */
    async register(url: string, by: string): Promise<WebhookSecret> {
      requireUrl(url, mayReach)
      const webhook = { id: crypto.randomUUID(), url, createdAt: now(), failingSince: null, disabledAt: null }
      const secret = newSecret()
      await webhooks.add(webhook, secret, by)
      return { webhook, secret }
    },
    /** Throws RES_NOT_FOUND also for one that is disabled. */
    async rotate(id: string, by: string): Promise<WebhookSecret> {
      const [secret, at] = [newSecret(), now()]
      const webhook = await webhooks.rotate(id, secret, new Date(at.getTime() + OVERLAP_MS), by, at)
      if (webhook === null) throw new AppError('RES_NOT_FOUND')
      return { webhook, secret }
    },
    /** Throws RES_NOT_FOUND also for one that is disabled already. */
    async disable(id: string, by: string): Promise<Webhook> {
      const webhook = await webhooks.disable(id, by, now())
      if (webhook === null) throw new AppError('RES_NOT_FOUND')
      return webhook
    },
  }
}

function requireUrl(text: string, mayReach: (host: string) => boolean): void {
  const url = text.length <= LONGEST_URL && URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 'https:') throw urlFault(`must be an https address of at most ${LONGEST_URL} characters`)
  if (url.username !== '' || url.password !== '') throw urlFault('must have no name and no password in it')
  if (!mayReach(url.hostname.replaceAll(/^\[|\]$/g, ''))) throw urlFault('must lead to the public internet')
}

function urlFault(reason: string): AppError {
  return new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.url', reason }] })
}
