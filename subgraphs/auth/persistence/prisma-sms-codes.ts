import { z } from 'zod'
import { SMS_PAUSE_MS, type PhoneStore, type SmsPurpose, type WantedCode } from '../domain/phones.js'
import type { DueSmsCodes } from '../domain/send-sms-codes.js'
import type { AuthPrisma, AuthTransaction } from './auth-prisma.js'

const SMS_LOCK = 4_205 // requests take turns: limits hold exactly, and people ask seldom
const DAY_MS = 86_400_000
const OF_ACCOUNT = 10 // a day, as the next two: every message is paid for, and fraud is paid by the message
const TO_NUMBER = 5 // but for signing in, from everybody: nobody is rung up all day by strangers
const FROM_NETWORK = 30
const LATER_SECONDS = 3_600 // a day's limit: when it ends depends on what others asked for
const MOST_TRIES = 5

type Store = Pick<PhoneStore, 'request' | 'claimTry' | 'use'> & DueSmsCodes

/** Codes by text message, in Postgres. `mostADay` is for all accounts together; `noted` is called after a commit that noted one. */
export function createPrismaSmsCodes(
  prisma: AuthPrisma,
  mostADay: number,
  noted: (purpose: SmsPurpose) => void,
): Store {
  return {
    async request(wanted) {
      const waitSeconds = await prisma.$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(${SMS_LOCK}, hashtext(current_schema()))`
        const seconds = await waitOf(transaction, wanted, mostADay)
        if (seconds === null) await add(transaction, wanted)
        return seconds
      })
      if (waitSeconds === null) noted(wanted.purpose)
      return waitSeconds
    },
    async claimTry(owner, purpose, at) {
      const [accountId, registrationId] = 'userId' in owner ? [owner.userId, null] : [null, owner.registrationId]
      const rows = await prisma.$queryRaw`
        UPDATE sms_codes SET tries = tries + 1
        WHERE id = (
            SELECT id FROM sms_codes
            WHERE (account_id = ${accountId}::uuid OR registration_id = ${registrationId}::uuid) AND purpose = ${purpose}::sms_purpose
            ORDER BY created_at DESC LIMIT 1)
          AND used_at IS NULL AND expires_at > ${at}::timestamptz AND tries < ${MOST_TRIES}
        RETURNING id, number`
      return liveRows.parse(rows)[0] ?? null
    },
    async use(id, usedAt) {
      const { count } = await prisma.smsCode.updateMany({ where: { id, usedAt: null }, data: { usedAt } })
      return count === 1
    },
    ...dueOver(prisma),
  }
}

const liveRows = z.array(z.object({ id: z.uuid(), number: z.string() }))
const dueRows = z.array(z.object({ id: z.uuid(), number: z.string(), attempt: z.int() }))

function dueOver(prisma: AuthPrisma): DueSmsCodes {
  return {
    async take(at, leaseMs) {
      const until = new Date(at.getTime() + leaseMs)
      const rows = await prisma.$queryRaw`
        UPDATE sms_codes SET due_at = ${until}::timestamptz, attempts = attempts + 1
        WHERE id = (
          SELECT id FROM sms_codes WHERE due_at <= ${at}::timestamptz AND expires_at > ${at}::timestamptz AND used_at IS NULL
          ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, number, attempts AS attempt`
      return dueRows.parse(rows)[0] ?? null
    },
    async settle(id) {
      await prisma.smsCode.updateMany({ where: { id }, data: { dueAt: null } })
    },
    async tryAgainAt(id, dueAt) {
      await prisma.smsCode.updateMany({ where: { id }, data: { dueAt } })
    },
    async forget(time) {
      await prisma.smsCode.deleteMany({ where: { createdAt: { lt: time } } })
    },
  }
}

const counts = z.tuple([
  z.object({
    last: z.date().nullable(),
    account: z.coerce.number(),
    number: z.coerce.number(),
    network: z.coerce.number(),
    everybody: z.coerce.number(),
  }),
])

/** In how many seconds this may be asked for; null for now. */
async function waitOf(transaction: AuthTransaction, wanted: WantedCode, mostADay: number): Promise<number | null> {
  const { userId, purpose, number, network, at } = wanted
  const dayAgo = new Date(at.getTime() - DAY_MS)
  const [sent] = counts.parse(
    await transaction.$queryRaw`
      SELECT max(created_at) FILTER (
          WHERE purpose = ${purpose}::sms_purpose
            AND (account_id = ${userId}::uuid OR (purpose <> 'sign_in' AND number = ${number}))) AS last,
        count(*) FILTER (WHERE account_id = ${userId}::uuid) AS account,
        count(*) FILTER (WHERE number = ${number} AND purpose <> 'sign_in') AS number,
        count(*) FILTER (WHERE network = ${network} AND network <> '') AS network,
        count(*) FILTER (WHERE attempts > 0 OR due_at IS NOT NULL) AS everybody
      FROM sms_codes WHERE created_at > ${dayAgo}::timestamptz`,
  )
  const pauseMs = sent.last === null ? 0 : sent.last.getTime() + SMS_PAUSE_MS - at.getTime()
  if (pauseMs > 0) return Math.ceil(pauseMs / 1_000)
  const byAnybody = purpose !== 'sign_in'
  const isOver =
    sent.account >= OF_ACCOUNT ||
    sent.network >= FROM_NETWORK ||
    (byAnybody && sent.number >= TO_NUMBER) ||
    sent.everybody >= (byAnybody ? Math.ceil(mostADay / 2) : mostADay) // who has a phone already can sign in
  return isOver ? LATER_SECONDS : null
}

async function add(transaction: AuthTransaction, wanted: WantedCode): Promise<void> {
  const { id, userId, registrationId, purpose, number, ipAddress, network, at, expiresAt } = wanted
  await transaction.$executeRaw`
    UPDATE sms_codes SET due_at = NULL
    WHERE (account_id = ${userId}::uuid OR (purpose IN ('register', 'reset') AND number = ${number}))
      AND purpose = ${purpose}::sms_purpose AND due_at IS NOT NULL`
  // for a reset in one statement, of as many steps whether or not an account is found by the number
  await transaction.$executeRaw`
    INSERT INTO sms_codes (id, account_id, registration_id, purpose, number, ip_address, network, created_at, expires_at, due_at)
    SELECT ${id}::uuid, coalesce(${userId}::uuid, account.id), ${registrationId}::uuid, ${purpose}::sms_purpose, ${number}, ${ipAddress}, ${network},
      ${at}::timestamptz, ${expiresAt}::timestamptz,
      CASE WHEN ${purpose} = 'reset' AND account.id IS NULL THEN NULL ELSE ${at}::timestamptz END
    FROM (SELECT) AS one LEFT JOIN accounts AS account
      ON ${purpose} = 'reset' AND account.email_key = ${number} AND account.deleted_at IS NULL AND account.locked_at IS NULL`
}
