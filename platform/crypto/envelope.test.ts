import { describe, expect, it } from '@jest/globals'
import { openGcm, sealGcm } from './aes-gcm.js'
import { createEnvelopeCipher, masterKeyIdOf } from './envelope.js'
import { EnvelopeError } from './envelope-error.js'

const oldKey = Buffer.alloc(32, 1)
const newKey = Buffer.alloc(32, 2)
const plaintext = Buffer.from('a template nobody may read')
const cipher = createEnvelopeCipher({ masterKeys: { 'k-1': oldKey, 'k-2': newKey }, currentKeyId: 'k-2' })

const faultOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof EnvelopeError) return error.fault
    throw error
  }
  return 'none'
}

describe('an envelope', () => {
  it('opens to what was sealed, in the same context', () => {
    expect(Buffer.from(cipher.open(cipher.seal(plaintext, 'record-1'), 'record-1'))).toEqual(plaintext)
    expect(cipher.open(cipher.seal(new Uint8Array(), ''), '')).toHaveLength(0)
  })

  it('hides its contents and is never the same twice', () => {
    const first = Buffer.from(cipher.seal(plaintext, 'record-1'))
    expect(first.includes('template')).toBe(false)
    expect(Buffer.from(cipher.seal(plaintext, 'record-1')).equals(first)).toBe(false)
  })

  it('has the documented layout', () => {
    const sealed = cipher.seal(plaintext, 'record-1')
    expect([...sealed.subarray(0, 2)]).toEqual([1, 3])
    expect(masterKeyIdOf(sealed)).toBe('k-2')
    expect(sealed.byteLength).toBe(2 + 3 + 12 + 48 + 12 + plaintext.byteLength + 16)
  })

  it('does not open for another record', () => {
    expect(faultOf(() => cipher.open(cipher.seal(plaintext, 'record-1'), 'record-2'))).toBe('NOT_AUTHENTIC')
  })

  it('does not open when any of its bytes was changed', () => {
    const sealed = cipher.seal(plaintext, 'record-1')
    for (let at = 0; at < sealed.byteLength; at += 1) {
      const changed = sealed.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(['NOT_AUTHENTIC', 'MALFORMED', 'UNKNOWN_KEY']).toContain(faultOf(() => cipher.open(changed, 'record-1')))
    }
  })

  it('does not open when it was cut short at any byte or lengthened', () => {
    const sealed = cipher.seal(plaintext, 'record-1')
    for (let length = 0; length < sealed.byteLength; length += 1) {
      expect(['NOT_AUTHENTIC', 'MALFORMED']).toContain(
        faultOf(() => cipher.open(sealed.subarray(0, length), 'record-1')),
      )
    }
    expect(faultOf(() => cipher.open(Buffer.concat([sealed, Buffer.of(0)]), 'record-1'))).toBe('NOT_AUTHENTIC')
  })

  it('does not take the key of one envelope with the contents of another', () => {
    const [one, two] = [cipher.seal(plaintext, 'record-1'), cipher.seal(plaintext, 'record-1')]
    const headerEnd = 2 + 3 + 12 + 48
    const mixed = Buffer.concat([one.subarray(0, headerEnd), two.subarray(headerEnd)])
    expect(faultOf(() => cipher.open(mixed, 'record-1'))).toBe('NOT_AUTHENTIC')
  })

  it('sealed under an earlier key opens while that key is at hand, and no longer', () => {
    const before = createEnvelopeCipher({ masterKeys: { 'k-1': oldKey }, currentKeyId: 'k-1' })
    const after = createEnvelopeCipher({ masterKeys: { 'k-2': newKey }, currentKeyId: 'k-2' })
    const sealed = before.seal(plaintext, 'record-1')
    expect(Buffer.from(cipher.open(sealed, 'record-1'))).toEqual(plaintext)
    expect(faultOf(() => after.open(sealed, 'record-1'))).toBe('UNKNOWN_KEY')
  })

  it('does not open under another key of the same id', () => {
    const other = createEnvelopeCipher({ masterKeys: { 'k-2': oldKey }, currentKeyId: 'k-2' })
    expect(faultOf(() => other.open(cipher.seal(plaintext, 'record-1'), 'record-1'))).toBe('NOT_AUTHENTIC')
  })
})

describe('createEnvelopeCipher', () => {
  it('refuses keys of the wrong length, ids that do not fit and a current key that is not there', () => {
    expect(faultOf(() => createEnvelopeCipher({ masterKeys: { k: Buffer.alloc(16) }, currentKeyId: 'k' }))).toBe(
      'BAD_KEY',
    )
    expect(faultOf(() => createEnvelopeCipher({ masterKeys: { 'a b': oldKey }, currentKeyId: 'a b' }))).toBe('BAD_KEY')
    expect(faultOf(() => createEnvelopeCipher({ masterKeys: { k: oldKey }, currentKeyId: 'other' }))).toBe('BAD_KEY')
  })
})

/** Test cases 13 to 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega), the AES-256 ones with 96-bit nonces. */
describe('AES-256-GCM against the published vectors', () => {
  const hex = (text: string) => Buffer.from(text, 'hex')
  const key = hex('feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308')
  const nonce = hex('cafebabefacedbaddecaf888')
  const text =
    'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72' +
    '1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255'
  const ciphertext =
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa' +
    '8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad'

  it.each([
    ['13', hex('00'.repeat(32)), hex('00'.repeat(12)), '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
    [
      '14',
      hex('00'.repeat(32)),
      hex('00'.repeat(12)),
      '00'.repeat(16),
      '',
      'cea7403d4d606b6e074ec5d3baf39d18',
      'd0d1c8a799996bf0265b98b5d48ab919',
    ],
    ['15', key, nonce, text, '', ciphertext, 'b094dac5d93471bdec1a502270e3cc6c'],
    [
      '16',
      key,
      nonce,
      text.slice(0, 120),
      'feedfacedeadbeeffeedfacedeadbeefabaddad2',
      ciphertext.slice(0, 120),
      '76fc6ece0f4e1768cddf8853bb2d551b',
    ],
  ])('case %s', (_name, caseKey, caseNonce, plain, additional, expected, tag) => {
    const input = { key: caseKey, nonce: caseNonce, additionalData: hex(additional) }
    const sealed = sealGcm({ ...input, plaintext: hex(plain) })
    expect(Buffer.from(sealed).toString('hex')).toBe(expected + tag)
    expect(Buffer.from(openGcm({ ...input, sealed })).toString('hex')).toBe(plain)
  })
})
