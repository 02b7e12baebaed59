import type { ExecutionResult } from 'graphql'
import type { LiveMessage } from './live-operation.js'

/** One event's answer for everybody in a group, as text. */
export interface LiveAnswer {
  /** Of its event. */
  readonly sequence: number
  /** Followed by `tailFor`. */
  readonly message: LiveMessage
  /** The same for those who are to be told of a gap; where there is no cursor it needs another beginning. */
  gapMessage(): LiveMessage
  /** Whether the stream ends after it. */
  readonly isLast: boolean
  /** Whether events before it are gone, nobody knows how many: its source was lost and found again. */
  readonly isAfterLoss: boolean
  /** Which of a LATEST field's answers it replaces; empty otherwise. */
  readonly key: string
  readonly receivedAt: number
  readonly bytes: number
}

export type AnswerOrigin = Pick<LiveAnswer, 'sequence' | 'isLast' | 'isAfterLoss' | 'key' | 'receivedAt'>

/** `cursorHead`: `position.mark.` of a log; null where there are no cursors. */
export function encodeAnswer(result: ExecutionResult, cursorHead: string | null, origin: AnswerOrigin): LiveAnswer {
  const { extensions = {}, errors, data = null } = result
  const body = JSON.stringify(errors === undefined || errors.length === 0 ? { data } : { errors, data }).slice(0, -1)
  const own = JSON.stringify(extensions).slice(1, -1)
  const open = `${body},"extensions":{${own === '' ? '' : `${own},`}`
  if (cursorHead !== null) {
    const message = { head: Buffer.from(`${open}"cursor":"${cursorHead}`) }
    return { ...origin, message, gapMessage: () => message, bytes: message.head.length }
  }
  const message = { head: Buffer.from(own === '' ? `${body}}` : `${body},"extensions":{${own}}}`) }
  let gapped: LiveMessage | undefined
  return {
    ...origin,
    message,
    gapMessage: () => (gapped ??= { head: Buffer.from(open) }),
    bytes: message.head.length,
  }
}

/** The end of a receiver's text: its own binding, null where there are no cursors, and what it was not given; null for nobody knows. */
export function tailFor(binding: string | null, missed: number | null): string {
  const gap = `"gap":{"missed":${missed}}`
  if (binding === null) return missed === 0 ? '' : `${gap}}}`
  return missed === 0 ? `${binding}"}}` : `${binding}",${gap}}}`
}

/** An answer at its place among the group's. */
export interface KeptAnswer extends LiveAnswer {
  /** Counts the events of the group, those that were left out among them. */
  readonly ordinal: number
  /** How many were left out right before it: for the whole group, by nobody's slowness but this side's. */
  readonly leftOut: number
}
