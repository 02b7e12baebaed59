import { MailRefusedError } from '../../../platform/mail/mail.js'
import type { LinkPurpose, LinkTokens } from './one-time-links.js'
import { LINK_LIFETIME_MS } from './one-time-links.js'
import { composeSecurityMail, linkOf, type SecurityMailKind } from './security-mail.js'

/** A mail taken up by this worker. */
export interface DueMail {
  readonly id: string
  readonly kind: SecurityMailKind
  readonly userId: string
  readonly address: string
  /** 1 for the first try. */
  readonly attempt: number
}

export interface DueMails {
  /** Takes the request for a mail that has waited longest, and notes the mail where one is due. False where nobody has asked. */
  answerRequest(): Promise<boolean>
  /** Takes the mail that has waited longest; another worker may have it after `leaseMs`. Null when none is due. */
  take(at: Date, leaseMs: number): Promise<DueMail | null>
  /** Keeps what is known of a link that is about to be mailed. */
  keepLink(userId: string, purpose: LinkPurpose, fingerprint: Uint8Array<ArrayBuffer>, expiresAt: Date): Promise<void>
  /** It is sent, or will never be. */
  settle(id: string): Promise<void>
  tryAgainAt(id: string, dueAt: Date): Promise<void>
  /** Forgets mails settled and links expired before `time`. */
  forget(time: Date): Promise<void>
}

/** What `send-mails` needs of a mailer. */
export interface SendMail {
  send(mail: { readonly to: string; readonly subject: string; readonly text: string }): Promise<void>
}

export interface SendMailsDependencies {
  readonly dueMails: DueMails
  readonly tokens: LinkTokens
  readonly mailer: SendMail
  /** The web client's address, e.g. `https://app.example.com`. */
  readonly webUrl: string
  readonly now: () => Date
  /** Told of each mail that was given up or has to wait, with its cause. */
  readonly onFailure: (mail: Pick<DueMail, 'id' | 'kind' | 'attempt'>, isFinal: boolean, cause: unknown) => void
}

const LEASE_MS = 120_000 // three times what a server that answers slowly may take
const WAITS_MS = [10_000, 60_000, 300_000, 900_000, 3_600_000] // the last one repeats
const MOST_ATTEMPTS = 12 // most of a day
const REMEMBERED_MS = 86_400_000

/** Looks at one request for a mail, or sends one mail that is due. True when there was one. A mail is sent twice where this process ends between sending and settling. */
export function createSendMails(dependencies: SendMailsDependencies) {
  const { dueMails, tokens, mailer, webUrl, now, onFailure } = dependencies

  async function send(mail: DueMail): Promise<void> {
    const wanted = linkOf(mail.kind)
    let link = ''
    if (wanted !== null) {
      const token = tokens.create()
      const expiresAt = new Date(now().getTime() + LINK_LIFETIME_MS)
      await dueMails.keepLink(mail.userId, wanted.purpose, tokens.fingerprint(token), expiresAt)
      link = `${webUrl}${wanted.path}#token=${token}` // a fragment is sent to no server and written in no log
    }
    await mailer.send({ to: mail.address, ...composeSecurityMail(mail.kind, link) })
  }

  return async (): Promise<boolean> => {
    if (await dueMails.answerRequest()) return true
    const mail = await dueMails.take(now(), LEASE_MS)
    if (mail === null) {
      await dueMails.forget(new Date(now().getTime() - REMEMBERED_MS))
      return false
    }
    try {
      await send(mail)
      await dueMails.settle(mail.id)
    } catch (cause) {
      const isFinal = cause instanceof MailRefusedError || mail.attempt >= MOST_ATTEMPTS
      onFailure(mail, isFinal, cause)
      const waitMs = WAITS_MS[Math.min(mail.attempt, WAITS_MS.length) - 1] ?? 0
      await (isFinal ? dueMails.settle(mail.id) : dueMails.tryAgainAt(mail.id, new Date(now().getTime() + waitMs)))
    }
    return true
  }
}

export type SendMails = ReturnType<typeof createSendMails>
