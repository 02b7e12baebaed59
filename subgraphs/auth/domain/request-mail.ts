import { networkOf } from '../../../platform/identity/address-network.js'
import type { Afterwards } from './afterwards.js'
import { normaliseEmail } from './email-address.js'
import type { LoginAttempts } from './login-attempts.js'
import { refuseTooMany } from './refuse-too-many.js'
import type { SecurityMailKind } from './security-mail.js'
import type { Device } from './session.js'

export interface MailRequests {
  /**
   * Notes that a mail is asked for to this address, in one statement that is the same for every address. Whose it is, whether one
   * is due (none for the confirmation of what is confirmed, nor above one a minute or five an hour of a kind) and the mail
   * itself come later.
   */
  request(kind: SecurityMailKind, emailKey: string, at: Date): Promise<void>
  /** Has what was asked for looked at now, and not some seconds later. Its time tells whether there is a mail to send. */
  lookAtThem(): void
}

export interface RequestMailDependencies {
  readonly mailRequests: MailRequests
  /** By network: each request is a row until it is looked at. */
  readonly mailRequestCounts: Pick<LoginAttempts, 'claim'>
  readonly afterwards: Afterwards
  readonly now: () => Date
}

/**
 * Asks for a mail to an address. The answer is the same whether or not the address has an account and a mail is sent, and comes
 * when the request is stored: the account is looked for after it. Throws RATE_LIMIT_EXCEEDED for the network of whoever asks.
 */
export function createRequestMail({ mailRequests, mailRequestCounts, afterwards, now }: RequestMailDependencies) {
  return async (
    kind: Extract<SecurityMailKind, 'confirm_address' | 'reset_password'>,
    emailAsTyped: string,
    device: Device,
  ): Promise<{ email: string }> => {
    const { address, key } = normaliseEmail(emailAsTyped)
    await refuseTooMany(mailRequestCounts, `mail-requests:${networkOf(device.ipAddress)}`)
    await mailRequests.request(kind, key, now())
    afterwards.run('the sending of a mail', async () => mailRequests.lookAtThem())
    return { email: address }
  }
}

export type RequestMail = ReturnType<typeof createRequestMail>
