import { z } from 'zod'
import type { Logger } from '../../../platform/log/logger.js'
import { createDevelopmentMailer, type DevelopmentMailer } from '../../../platform/mail/development-mailer.js'
import { noMailer } from '../../../platform/mail/no-mailer.js'
import { createSmtpMailer } from '../../../platform/mail/smtp-mailer.js'
import type { Shutdown } from '../../../platform/service/shutdown.js'
import type { AuthConfig } from '../config.js'
import type { LinkTokens } from '../domain/one-time-links.js'
import type { MailRequests } from '../domain/request-mail.js'
import { createSendMails } from '../domain/send-mails.js'
import type { AuthPrisma } from '../persistence/auth-prisma.js'
import { createPrismaSecurityMails } from '../persistence/prisma-security-mails.js'
import { openMailWorker } from './open-mail-worker.js'

export interface SecurityMailParts {
  readonly config: AuthConfig['mail']
  readonly prisma: AuthPrisma
  readonly tokens: LinkTokens
  readonly now: () => Date
  readonly logger: Logger
  readonly shutdown: Shutdown
}

export interface OpenSecurityMail {
  readonly requests: MailRequests
  /** A mail was noted just now. */
  readonly wake: () => void
  /** What is kept for developers; null where mail is sent. */
  readonly outbox: DevelopmentMailer | null
}

/** Where mails are noted, and the worker that sends them or keeps them for developers. */
export function openSecurityMail({
  config,
  prisma,
  tokens,
  now,
  logger,
  shutdown,
}: SecurityMailParts): OpenSecurityMail {
  const { smtpUrl, from, webUrl } = config
  const development = config.keptForDevelopers ? createDevelopmentMailer(logger, now) : null
  const mailer = development ?? (smtpUrl === null ? noMailer : createSmtpMailer({ url: smtpUrl, from }))
  shutdown.add('the mailer', () => mailer.close())
  const mails = createPrismaSecurityMails(prisma, () => worker.wake())
  const sendMails = createSendMails({
    dueMails: mails,
    tokens,
    mailer,
    webUrl,
    now,
    // not the error: a server's reply repeats the address
    onFailure: ({ id, kind, attempt }, isFinal, cause) =>
      logger[isFinal ? 'error' : 'warn'](
        { reason: reasonOf(cause), mailId: id, kind, attempt },
        'a mail could not be sent',
      ),
  })
  const worker = openMailWorker({ sendMails, logger })
  shutdown.add('the mail worker', () => worker.close())
  return { requests: mails, wake: worker.wake, outbox: development }
}

const reply = z.object({
  code: z.string().optional(),
  responseCode: z.number().optional(),
  command: z.string().optional(),
})

function reasonOf(failure: unknown): Record<string, unknown> {
  const cause = failure instanceof Error ? failure.cause : undefined
  return { name: failure instanceof Error ? failure.name : 'unknown', ...reply.safeParse(cause).data }
}
