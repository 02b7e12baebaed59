import { z } from 'zod'
import type { MailRequests } from '../domain/request-mail.js'
import { securityMailKinds } from '../domain/security-mail.js'
import type { DueMails } from '../domain/send-mails.js'
import type { AuthPrisma } from './auth-prisma.js'
import { noteSecurityMail } from './security-mails.js'

/** Mails to be sent, in Postgres. `noted` is called after a commit that may have noted one. */
export function createPrismaSecurityMails(prisma: AuthPrisma, noted: () => void): MailRequests & DueMails {
  return {
    async request(kind, signInKey, createdAt) {
      await prisma.mailRequest.create({ data: { id: crypto.randomUUID(), kind, signInKey, createdAt } })
    },
    lookAtThem: noted,
    answerRequest: () =>
      prisma.$transaction(async (transaction) => {
        const [row] = requestRows.parse(
          await transaction.$queryRaw`
            DELETE FROM mail_requests WHERE id = (
              SELECT id FROM mail_requests ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING kind::text, sign_in_key AS "emailKey", created_at AS at`,
        )
        if (row === undefined) return false
        await noteSecurityMail(transaction, row.kind, { emailKey: row.emailKey }, row.at)
        return true
      }),
    async take(at, leaseMs) {
      const until = new Date(at.getTime() + leaseMs)
      const rows = await prisma.$queryRaw`
        UPDATE security_mails AS mail SET due_at = ${until}::timestamptz, attempts = mail.attempts + 1
        FROM accounts AS account
        WHERE account.id = mail.account_id AND mail.id = (
          SELECT id FROM security_mails WHERE due_at <= ${at}::timestamptz
          ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING mail.id, mail.kind::text, mail.account_id AS "userId", account.email AS address, mail.attempts AS attempt`
      return dueRows.parse(rows)[0] ?? null
    },
    async keepLink(accountId, purpose, fingerprint, expiresAt) {
      await prisma.oneTimeLink.create({ data: { accountId, purpose, fingerprint, expiresAt } })
    },
    async settle(id) {
      await prisma.securityMail.updateMany({ where: { id }, data: { dueAt: null } })
    },
    async tryAgainAt(id, dueAt) {
      await prisma.securityMail.updateMany({ where: { id }, data: { dueAt } })
    },
    async forget(time) {
      await prisma.securityMail.deleteMany({ where: { dueAt: null, createdAt: { lt: time } } })
      await prisma.oneTimeLink.deleteMany({ where: { expiresAt: { lt: time } } })
    },
  }
}

const requestRows = z.array(z.object({ kind: z.enum(securityMailKinds), emailKey: z.string(), at: z.date() }))

const dueRows = z.array(
  z.object({
    id: z.uuid(),
    kind: z.enum(securityMailKinds),
    userId: z.uuid(),
    address: z.string(),
    attempt: z.int(),
  }),
)
