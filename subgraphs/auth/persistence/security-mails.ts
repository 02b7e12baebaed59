import type { SecurityMailKind } from '../domain/security-mail.js'
import type { AuthTransaction } from './auth-prisma.js'

/** Whose account a mail is for: by its id, or by its address where only that is known. */
export type MailReceiver = { readonly userId: string } | { readonly emailKey: string }

const PER_HOUR = 5 // a stranger who asks for them can't fill a mailbox

/**
 * Notes a mail to be sent, in one statement that takes the same steps whether or not there is such an account. Nothing is
 * noted above one a minute or five an hour of a kind, nor for confirming what is confirmed, nor to somebody without an address.
 */
export async function noteSecurityMail(
  transaction: Pick<AuthTransaction, '$executeRaw'>,
  kind: SecurityMailKind,
  receiver: MailReceiver,
  at: Date,
): Promise<void> {
  const userId = 'userId' in receiver ? receiver.userId : null
  const emailKey = 'emailKey' in receiver ? receiver.emailKey : null
  const minute = Math.floor(at.getTime() / 60_000)
  await transaction.$executeRaw`
    INSERT INTO security_mails (id, account_id, kind, created_at, minute, due_at)
    SELECT ${crypto.randomUUID()}::uuid, account.id, ${kind}::security_mail_kind, ${at}::timestamptz, ${minute}, ${at}::timestamptz
    FROM accounts AS account
    WHERE account.deleted_at IS NULL AND account.email IS NOT NULL
      AND (account.id = ${userId}::uuid OR account.email_key = ${emailKey})
      AND (${kind} <> 'confirm_address' OR account.email_verified_at IS NULL)
      AND NOT EXISTS (
        SELECT FROM security_mails AS mail
        WHERE mail.account_id = account.id AND mail.kind = ${kind}::security_mail_kind
          AND mail.created_at > ${at}::timestamptz - interval '1 minute')
      AND (
        SELECT count(*) FROM security_mails AS mail
        WHERE mail.account_id = account.id AND mail.kind = ${kind}::security_mail_kind
          AND mail.created_at > ${at}::timestamptz - interval '1 hour') < ${PER_HOUR}
    ON CONFLICT (account_id, kind, minute) DO NOTHING` // many at once: the index lets one through
}
