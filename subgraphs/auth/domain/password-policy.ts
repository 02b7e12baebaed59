import { AppError } from '../../../platform/errors/app-error.js'
import { commonPasswords } from './common-passwords.js'

/** The form that is judged and hashed: what looks the same on two keyboards is the same (NIST SP 800-63B-4 section 3.1.1.2). */
export function normalisePassword(typed: string): string {
  return typed.normalize('NFKC')
}

/** Of a password made of common words, letters in a row or one's own name, what is left must still be this long. */
const LEAST_OWN_CHARACTERS = 8

/**
 * Throws VAL_VALIDATION_FAILED for a password that is guessed early. `personal` is what a guesser knows of its owner: address
 * and name. There are no rules about kinds of characters: they make passwords harder to keep, not to guess.
 */
export function refuseWeakPassword(password: string, personal: readonly string[]): void {
  const reason = weaknessOf(password, personal)
  if (reason === null) return
  throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.password', reason }] })
}

function weaknessOf(password: string, personal: readonly string[]): string | null {
  const plain = password.toLowerCase()
  if (new Set(plain).size < 5) return 'must not repeat a few characters'
  if (isMostlyRuns(plain)) return 'must not follow the alphabet, the digits or a row of keys'
  if (isCommon(plain) || isCommon(withoutDisguise(plain))) return 'is one of the passwords that are tried first'
  if (isAbout(plain, personal) || isAbout(withoutDisguise(plain), personal)) {
    return 'must not be made of the e-mail address or the name'
  }
  return null
}

const disguises: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}

/** `p4$$w0rd` reads `password`; digits and signs around it are ornament and stay as they are. */
function withoutDisguise(plain: string): string {
  return withoutOrnament(plain).replaceAll(/[@4310!$57]/g, (sign) => disguises[sign] ?? sign)
}

function withoutOrnament(plain: string): string {
  return plain.replace(/^\P{L}+/u, '').replace(/\P{L}+$/u, '')
}

/** One common password, or several of them, with any digits and signs around and between. */
function isCommon(plain: string): boolean {
  const words = plain.split(/\P{L}+/u).filter((word) => word !== '')
  return words.length > 0 && words.every(isMadeOfCommonWords)
}

function isMadeOfCommonWords(word: string): boolean {
  const reachable = [true]
  for (let end = 1; end <= word.length; end++) {
    reachable[end] = reachable.some((reached, start) => reached && commonPasswords.has(word.slice(start, end)))
  }
  return reachable[word.length] === true
}

const rows = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm',
]
const runs = rows.flatMap((row) => [row, [...row].reverse().join('')])

/** Whether runs of four or more neighbours leave less than a password of its own. */
function isMostlyRuns(plain: string): boolean {
  let own = 0
  for (let start = 0; start < plain.length;) {
    const length = runLengthAt(plain, start)
    if (length < 4) own += 1
    start += length < 4 ? 1 : length
  }
  return own < LEAST_OWN_CHARACTERS && own < plain.length
}

function runLengthAt(plain: string, start: number): number {
  let length = 1
  while (start + length < plain.length && runs.some((row) => row.includes(plain.slice(start, start + length + 1))))
    length += 1
  return length
}

function isAbout(plain: string, personal: readonly string[]): boolean {
  const words = personal
    .flatMap((text) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u))
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length) // the longer ones first, so that a part does not break up the whole
  const rest = words.reduce((text, word) => text.replaceAll(word, ''), plain)
  return rest.length < LEAST_OWN_CHARACTERS && rest.length < plain.length
}
