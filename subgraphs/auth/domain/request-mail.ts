import { normaliseEmail } from './email-address.js'
import type { SecurityMailKind } from './security-mail.js'

export interface MailRequests {
  /**
   * Notes a mail to be sent to the live account with this address: none for an unknown address, for the confirmation of one
   * that is confirmed, and above one a minute or five an hour of a kind. One statement in every case: its time tells nothing.
   */
  request(kind: SecurityMailKind, emailKey: string, at: Date): Promise<void>
}

export interface RequestMailDependencies {
  readonly mailRequests: MailRequests
  readonly now: () => Date
}

/** Asks for a mail to an address. The answer is the same whether or not the address has an account, and a mail is sent. */
export function createRequestMail({ mailRequests, now }: RequestMailDependencies) {
  return async (
    kind: Extract<SecurityMailKind, 'confirm_address' | 'reset_password'>,
    emailAsTyped: string,
  ): Promise<{ email: string }> => {
    const { address, key } = normaliseEmail(emailAsTyped)
    await mailRequests.request(kind, key, now())
    return { email: address }
  }
}

export type RequestMail = ReturnType<typeof createRequestMail>
