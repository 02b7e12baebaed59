import { createHash, randomBytes } from 'node:crypto'
import type { RecoveryCodes } from '../domain/second-factors.js'

const ALPHABET = 'abcdefghijkmnpqrstuvwxyz23456789' // 32 signs, none that look alike
const LENGTH = 16 // 80 bits

export const recoveryCodes: RecoveryCodes = {
  create() {
    const signs = [...randomBytes(LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length] ?? '')
    return [0, 4, 8, 12].map((start) => signs.slice(start, start + 4).join('')).join('-')
  },
  fingerprint(userId, code) {
    const plain = code.toLowerCase().replaceAll(/[\s-]/g, '')
    if (plain.length !== LENGTH) return null
    return new Uint8Array(createHash('sha256').update(`${userId}:${plain}`).digest())
  },
}
