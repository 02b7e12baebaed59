import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { MasterKeys } from '../../../platform/config/master-keys.js'
import type { SmsCodes } from '../domain/phones.js'

const PLACES = 1_000_000n

/**
 * Codes computed of a message's random id: HMAC-SHA-256 under a key derived from the master key (HKDF, RFC 5869), its first 64
 * bits taken modulo a million. A hash of six digits is no secret, a million guesses find them; so nothing of a code is stored,
 * and who reads the database learns none. Codes under an old master key stay good while that key is kept.
 */
export function createSmsCodes({ keys, currentKeyId }: MasterKeys): SmsCodes {
  const current = keys[currentKeyId]
  if (current === undefined) throw new Error('The current master key is missing.')
  const derive = (master: Uint8Array) => new Uint8Array(hkdfSync('sha256', master, '', 'auth: codes by SMS', 32))
  const derived = Object.values(keys).map(derive)
  const own = derive(current)
  return {
    of: (id) => codeOf(own, id),
    isOf(id, code) {
      const shown = Buffer.from(code.replaceAll(/\s/g, ''))
      const expected = derived.map((key) => Buffer.from(codeOf(key, id)))
      return expected.some((each) => each.length === shown.length && timingSafeEqual(each, shown))
    },
  }
}

function codeOf(key: Uint8Array, id: string): string {
  const number = createHmac('sha256', key).update(id).digest().readBigUInt64BE() % PLACES
  return String(number).padStart(6, '0')
}
