import { AppError } from '../../../platform/errors/app-error.js'
import { OperationRefused } from '../../gateway-error.js'
import { encodeAnswer, type LiveAnswer } from './live-answer.js'
import type { PreparedLive } from './live-pipeline.js'
import { BEGINNING } from './shared-feed.js'

/**
 * How things stand, as a field of Query answers the subscription's selection. `cursorHead`: of the position it is given at, as
 * in `encodeAnswer`. Throws OperationRefused, and RES_NOT_FOUND where there is nothing.
 */
export async function snapshotOf(
  field: string,
  prepared: PreparedLive,
  { position, cursorHead }: { readonly position: number; readonly cursorHead: string | null },
  signal: AbortSignal,
): Promise<LiveAnswer> {
  const { query, variables } = prepared.snapshotBy(field)
  const answer = await prepared.ask(query, variables, signal)
  if (answer.data !== undefined && answer.data !== null) return encodeAnswer(answer, cursorHead, firstAt(position))
  throw answer.errors?.length ? new OperationRefused(answer.errors) : new AppError('RES_NOT_FOUND')
}

/** Of an operation without events: its one answer, and its last. Throws OperationRefused. */
export async function onlyAnswer(prepared: PreparedLive, signal: AbortSignal): Promise<LiveAnswer> {
  const answer = await prepared.answer(null, signal)
  if (answer.data === undefined) throw new OperationRefused(answer.errors ?? [])
  return encodeAnswer(answer, null, { ...firstAt(BEGINNING), isLast: true })
}

function firstAt(sequence: number) {
  return { sequence, isLast: false, isAfterLoss: false, key: '', receivedAt: performance.now() }
}
