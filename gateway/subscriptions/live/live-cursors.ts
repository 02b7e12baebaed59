import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../../platform/errors/app-error.js'
import type { GatewayRequest } from '../../gateway-request.js'
import { canonicalJson } from './canonical-json.js'

/** Whose stream of what. */
export type CursorOwner = Pick<GatewayRequest, 'query' | 'operationName' | 'variables' | 'caller'>

/** Where in which log a cursor points to, once it has proved genuine. */
export interface CursorPosition {
  readonly sequence: number
  readonly logDigest: string
}

/**
 * Cursors `position.mark.binding`, held nowhere: whoever has the keys can tell a genuine one. The mark says that this position
 * is of this feed, the binding who may go on from it and in which operation.
 */
export interface LiveCursors {
  /** `position.mark.`, the same for everybody who is given the event. */
  headFor(log: string, feedKey: string, sequence: number): string
  /** What a subscription's own cursors end with. Letters, digits, `-` and `_`. */
  bindingFor(owner: CursorOwner): string
  /** Throws CURSOR_INVALID for one that is tampered with, of another feed, or not the owner's. */
  read(cursor: string, owner: CursorOwner, feedKey: string): CursorPosition
}

const MAC_BYTES = 16 // 128 bits: nobody guesses one, and a cursor stays short
const CURSOR = /^(([0-9a-z]{1,11})-([\w-]{8}))\.([\w-]{22})\.([\w-]{22})$/

/** `keys`: at least one, of 32 bytes or more. The first signs, each is accepted. */
export function createLiveCursors(keys: readonly Uint8Array[]): LiveCursors {
  const [signing] = keys
  if (signing === undefined) throw new Error('Cursors need a key.')
  return {
    headFor(log, feedKey, sequence) {
      const position = `${sequence.toString(36)}-${digestOfLog(log)}`
      return `${position}.${markOf(signing, position, feedKey)}.`
    },
    bindingFor: (owner) => bindingOf(signing, owner),
    read(cursor, owner, feedKey) {
      const [, position = '', sequence = '', logDigest = '', mark = '', binding = ''] = CURSOR.exec(cursor) ?? []
      // as text: the last character of a mark has bits that its bytes do not
      const given = Buffer.from(mark + binding)
      const isGenuine = keys.some((key) => {
        const genuine = Buffer.from(markOf(key, position, feedKey) + bindingOf(key, owner))
        return genuine.length === given.length && timingSafeEqual(genuine, given)
      })
      const number = Number.parseInt(sequence, 36)
      if (!isGenuine || !Number.isSafeInteger(number)) throw new AppError('CURSOR_INVALID')
      return { sequence: number, logDigest }
    },
  }
}

const digests = new Map<string, string>()

/** A log's name as cursors carry it. */
export function digestOfLog(log: string): string {
  const known = digests.get(log)
  if (known !== undefined) return known
  const digest = createHash('sha256').update(log).digest('base64url').slice(0, 8)
  if (digests.size > 100) digests.clear() // a gateway reads a handful of logs
  digests.set(log, digest)
  return digest
}

function markOf(key: Uint8Array, position: string, feedKey: string): string {
  return mac(key, 'mark', [position, feedKey])
}

function bindingOf(key: Uint8Array, { query, operationName, variables, caller }: CursorOwner): string {
  const { principal, authorization } = caller
  // nobody is known by name where tokens are only passed on: then it is the token that tells people apart
  const owner = principal === null ? { authorization } : { sub: principal.userId }
  return mac(key, 'binding', [canonicalJson(owner), query, operationName ?? '', canonicalJson(variables)])
}

function mac(key: Uint8Array, purpose: string, parts: readonly string[]): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([purpose, ...parts]))
    .digest()
    .subarray(0, MAC_BYTES)
    .toString('base64url')
}
