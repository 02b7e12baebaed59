import type { DevelopmentMailer } from '../mail/development-mailer.js'
import type { SmsSender } from './sms.js'

/** Keeps text messages beside the mails a developer looks at, under the number they go to: not for production. */
export function createDevelopmentSmsSender(outbox: Pick<DevelopmentMailer, 'send'>): SmsSender {
  return {
    engine: 'development',
    send: ({ to, text }) => outbox.send({ to, subject: 'Text message', text }),
  }
}
