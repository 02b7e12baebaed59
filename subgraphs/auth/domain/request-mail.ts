import { AppError } from '../../../platform/errors/app-error.js'
import type { Afterwards } from './afterwards.js'
import { normaliseEmail } from './email-address.js'
import type { SecurityMailKind } from './security-mail.js'

export interface MailRequests {
  /**
   * Notes a mail to be sent to the live account with this address: none for an unknown address, for the confirmation of one
   * that is confirmed, and above one a minute or five an hour of a kind. Its time tells which: not to be waited for by strangers.
   */
  request(kind: SecurityMailKind, emailKey: string, at: Date): Promise<void>
}

export interface RequestMailDependencies {
  readonly mailRequests: MailRequests
  readonly afterwards: Afterwards
  readonly now: () => Date
}

const BUSY_SECONDS = 2

/**
 * Asks for a mail to an address. The answer is the same whether or not the address has an account, and a mail is sent: the
 * account is looked for after it. Throws RATE_LIMIT_EXCEEDED where too many requests wait.
 */
export function createRequestMail({ mailRequests, afterwards, now }: RequestMailDependencies) {
  return async (
    kind: Extract<SecurityMailKind, 'confirm_address' | 'reset_password'>,
    emailAsTyped: string,
  ): Promise<{ email: string }> => {
    const { address, key } = normaliseEmail(emailAsTyped)
    const at = now()
    const isTaken = afterwards.run('the request for a mail', () => mailRequests.request(kind, key, at))
    if (!isTaken) throw new AppError('RATE_LIMIT_EXCEEDED', { retryAfterSeconds: BUSY_SECONDS })
    return { email: address }
  }
}

export type RequestMail = ReturnType<typeof createRequestMail>
