import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { MailRefusedError, MailUnavailableError, type Mailer } from './mail.js'

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:587` (STARTTLS where offered) or `smtps://...` (TLS from the first byte). */
  readonly url: string
  /** What mails come from, e.g. `Biometrics <no-reply@example.com>`. */
  readonly from: string
  /** How long a server may take for a step of the conversation, in milliseconds. */
  readonly patienceMs?: number
}

const CONNECTIONS = 4 // mails wait for each other, not for a handshake each
const PATIENCE_MS = 10_000

/** Mail by SMTP (RFC 5321), over a few connections that are kept. Connects with the first mail. */
export function createSmtpMailer({ url, from, patienceMs = PATIENCE_MS }: SmtpMailerOptions): Mailer {
  const transport = createTransport(
    {
      url,
      pool: true,
      maxConnections: CONNECTIONS,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    { from },
  )
  return {
    engine: 'smtp',
    async send({ to, subject, text }) {
      try {
        // an object, so that nothing in the text of an address is read as a second one
        await transport.sendMail({ to: { name: '', address: to }, subject, text })
      } catch (cause) {
        throw isFinal(cause) ? new MailRefusedError({ cause }) : new MailUnavailableError({ cause })
      }
    },
    async close() {
      transport.close()
    },
  }
}

const reply = z.object({ responseCode: z.number(), command: z.string().optional() })

/**
 * 5yz is for good (RFC 5321 section 4.2.1) where it answers the mail itself. Of a greeting or a sign-in it is about this
 * program's account, which an operator can mend.
 */
function isFinal(error: unknown): boolean {
  const parsed = reply.safeParse(error)
  if (!parsed.success) return false
  const { responseCode, command = '' } = parsed.data
  return responseCode >= 500 && /^(MAIL|RCPT|DATA)/.test(command)
}
