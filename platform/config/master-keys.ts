import { z } from 'zod'

/** Keys for `createEnvelopeCipher`. */
export interface MasterKeys {
  /** 32 bytes each, by id. Old keys stay until nothing is sealed under them. */
  readonly keys: Readonly<Record<string, Uint8Array>>
  /** The one that seals from now on. */
  readonly currentKeyId: string
}

const KEY_FORM = 'must be id:base64 of 32 bytes, several separated by commas: make one with openssl rand -base64 32'

/** From text such as `2026-02:…=,2025-09:…=`: the first seals. */
export const masterKeys = z
  .string(`is needed and has no default: ${KEY_FORM}`)
  .transform((text, context): MasterKeys => {
    const pairs = text.split(',').map((pair) => /^\s*([A-Za-z0-9._-]{1,32}):([A-Za-z0-9+/]{43}=)\s*$/.exec(pair))
    const entries = pairs.flatMap((pair) => (pair?.[1] && pair[2] ? [[pair[1], decode(pair[2])] as const] : []))
    const [first] = entries
    if (
      first !== undefined &&
      entries.length === pairs.length &&
      new Set(entries.map(([id]) => id)).size === pairs.length
    ) {
      return { keys: Object.fromEntries(entries), currentKeyId: first[0] }
    }
    context.addIssue({ code: 'custom', message: KEY_FORM })
    return z.NEVER
  })

function decode(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
