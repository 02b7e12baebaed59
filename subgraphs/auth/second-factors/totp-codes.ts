import { Secret, TOTP } from 'otpauth'
import type { TotpCodes } from '../domain/second-factors.js'

const PERIOD_SECONDS = 30
const SECRET_BYTES = 20 // as long as the hash: RFC 4226 section 4, requirement R6
const NEIGHBOURS = 1 // a phone's clock and a slow typist: RFC 6238 section 5.2

/**
 * Time-based one-time passwords (RFC 6238) with SHA-1 and six digits, which is what every authenticator app knows. `issuer` is
 * the name an app shows them under.
 */
export function createTotpCodes(issuer: string): TotpCodes {
  const totpOf = (secret: Uint8Array<ArrayBuffer>, label: string) =>
    new TOTP({
      issuer,
      label,
      algorithm: 'SHA1',
      digits: 6,
      period: PERIOD_SECONDS,
      secret: new Secret({ buffer: secret.slice().buffer }),
    })
  return {
    createSecret: () => crypto.getRandomValues(new Uint8Array(SECRET_BYTES)),
    uriOf: (secret, label) => totpOf(secret, label).toString(),
    textOf: (secret) => new Secret({ buffer: secret.slice().buffer }).base32,
    stepOf(secret, code, at) {
      const token = code.replaceAll(/\s/g, '')
      if (!/^\d{6}$/.test(token)) return null
      const timestamp = at.getTime()
      const delta = totpOf(secret, '').validate({ token, timestamp, window: NEIGHBOURS })
      return delta === null ? null : Math.floor(timestamp / 1000 / PERIOD_SECONDS) + delta
    },
  }
}
