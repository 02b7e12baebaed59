import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { tokensEnded } from '../../../schema/contracts/tokens-ended.js'
import type { AuthTransaction } from './auth-prisma.js'

/**
 * Ends all access tokens that a user or a service client was given until `at`: tells `tokens.ended` once the transaction is
 * committed. Sessions are ended beside it, or refresh tokens would give new ones.
 */
export async function endTokensOf(transaction: AuthTransaction, holderId: string, at: Date): Promise<void> {
  await writeToOutbox(transaction, createEventRow(tokensEnded, { holderId }, { now: at }))
}
