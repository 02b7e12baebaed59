import { MailUnavailableError, type Mailer } from './mail.js'

/** Where no server is configured: every mail waits. */
export const noMailer: Mailer = {
  engine: 'none',
  send: () => Promise.reject(new MailUnavailableError()),
  async close() {},
}
