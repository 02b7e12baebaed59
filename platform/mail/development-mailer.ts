import type { Logger } from '../log/logger.js'
import type { Mail, Mailer } from './mail.js'

export interface KeptMail extends Mail {
  readonly sentAt: Date
}

/** A mailer that delivers nowhere: developers look into it. */
export interface DevelopmentMailer extends Mailer {
  /** What was sent to an address, newest first. */
  sentTo(address: string): readonly KeptMail[]
}

const KEPT = 200 // a developer looks at the last few

/** Keeps the newest mails in memory and tells the log of each, text and all: not for production. */
export function createDevelopmentMailer(logger: Logger, now: () => Date = () => new Date()): DevelopmentMailer {
  const kept: KeptMail[] = []
  return {
    engine: 'development',
    async send(mail) {
      kept.unshift({ ...mail, sentAt: now() })
      kept.length = Math.min(kept.length, KEPT)
      logger.info({ mail: `${mail.subject}\n${mail.text}` }, 'a mail was kept for a developer to read')
    },
    sentTo: (address) => kept.filter(({ to }) => to.toLowerCase() === address.toLowerCase()),
    async close() {},
  }
}
