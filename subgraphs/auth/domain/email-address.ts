/** An address as it is shown, and the key by which it is found. */
export interface EmailAddress {
  /** The local part as it was written: only its own server knows whether case matters there (RFC 5321 section 2.4). */
  readonly address: string
  /** All in lower case: no two accounts may differ by case alone. */
  readonly key: string
}

/** Trims and puts the domain in lower case. The caller has checked that it is an address. */
export function normaliseEmail(text: string): EmailAddress {
  const trimmed = text.trim()
  const at = trimmed.lastIndexOf('@')
  const address = trimmed.slice(0, at) + trimmed.slice(at).toLowerCase()
  return { address, key: address.toLowerCase() }
}
