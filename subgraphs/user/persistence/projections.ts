import type { UserTransaction } from './user-prisma.js'

/** What an event about a piece of content says of it. */
export interface ContentStatement {
  readonly contentId: string
  readonly authorId: string
  readonly published: boolean
  readonly occurredAt: Date
}

/** Gives a profile the name chosen at registration, unless the person has chosen one here already. */
export async function nameProfile(
  transaction: UserTransaction,
  { userId, displayName, at }: { readonly userId: string; readonly displayName: string; readonly at: Date },
): Promise<void> {
  await transaction.profile.createMany({
    data: [{ userId, displayName, createdAt: at, updatedAt: at }],
    skipDuplicates: true,
  })
  await transaction.profile.updateMany({ where: { userId, displayName: null }, data: { displayName, updatedAt: at } })
}

/** What an event says an account is. */
export interface AccountStatement {
  readonly userId: string
  readonly revision: number
  readonly role: string
  readonly emailVerified: boolean
  readonly mfaEnabled: boolean
  readonly at: Date
}

/** Notes what an account is, for administrators to narrow lists by; an older statement that comes late changes nothing. */
export async function noteAccount(transaction: UserTransaction, statement: AccountStatement): Promise<void> {
  const { userId, revision, role, emailVerified, mfaEnabled, at } = statement
  await transaction.$executeRaw`
    INSERT INTO profiles (user_id, role, email_verified, mfa_enabled, account_revision, created_at, updated_at)
    VALUES (${userId}::uuid, ${role}, ${emailVerified}, ${mfaEnabled}, ${revision}, ${at}, ${at})
    ON CONFLICT (user_id) DO UPDATE
    SET role = excluded.role, email_verified = excluded.email_verified, mfa_enabled = excluded.mfa_enabled,
        account_revision = excluded.account_revision
    WHERE profiles.account_revision < excluded.account_revision`
}

/** Notes a verification; an older one that comes late changes nothing. */
export async function noteVerification(transaction: UserTransaction, userId: string, at: Date): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO activities (user_id, last_verified_at) VALUES (${userId}::uuid, ${at})
    ON CONFLICT (user_id) DO UPDATE SET last_verified_at = GREATEST(activities.last_verified_at, excluded.last_verified_at)`
}

export async function countAiRequest(transaction: UserTransaction, userId: string): Promise<void> {
  await transaction.$executeRaw`
    INSERT INTO activities (user_id, completed_ai_request_count) VALUES (${userId}::uuid, 1)
    ON CONFLICT (user_id) DO UPDATE SET completed_ai_request_count = activities.completed_ai_request_count + 1`
}

/**
 * Notes whether a piece is published. The newest statement about it holds, in whatever order they come; of two at the same
 * instant the one that takes it back, because nothing is published again within a millisecond.
 */
export async function noteContent(transaction: UserTransaction, statement: ContentStatement): Promise<void> {
  const { contentId, authorId, published, occurredAt } = statement
  await transaction.$executeRaw`
    INSERT INTO content_states (content_id, author_id, published, occurred_at)
    VALUES (${contentId}::uuid, ${authorId}::uuid, ${published}, ${occurredAt})
    ON CONFLICT (content_id) DO UPDATE
    SET author_id = excluded.author_id, published = excluded.published, occurred_at = excluded.occurred_at
    WHERE content_states.occurred_at < excluded.occurred_at
       OR (content_states.occurred_at = excluded.occurred_at AND NOT excluded.published)`
}
