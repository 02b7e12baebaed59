/**
 * Checks what browsers answer about passkeys (W3C Web Authentication Level 3, sections 7.1 and 7.2). In: bounded text of
 * strangers. Out: what it proves, or null. It refuses pages that are not named, frames of other pages, owners the device has
 * not verified, and statements about devices (attestation): nobody asked for them.
 */
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { z } from 'zod'
import type { Logger } from '../../../platform/log/logger.js'
import { PASSKEY_ALGORITHMS } from '../domain/passkey-options.js'
import type { PasskeyVerifier } from '../domain/passkeys.js'
import type { PasskeySettings } from './passkey-settings.js'

/** Section 5.8.1; what else is in it is ignored, as the section says. */
const clientData = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.boolean().optional(),
  topOrigin: z.string().optional(),
})

export function createWebauthnVerifier({ rpId, origins }: PasskeySettings, logger: Logger): PasskeyVerifier {
  const expected = { expectedOrigin: [...origins], expectedRPID: rpId, requireUserVerification: true }
  const isFromOurPage = (clientDataJSON: string) => {
    const said = clientDataIn(clientDataJSON)
    if (said === null || said.crossOrigin === true || said.topOrigin !== undefined) return false
    if (origins.includes(said.origin)) return true
    logger.warn({ origin: said.origin }, 'a passkey was used on a page that AUTH_PASSKEY_ORIGINS does not name')
    return false
  }
  return {
    challengeIn: (clientDataJSON) => clientDataIn(clientDataJSON)?.challenge ?? null,
    async verifyCreation({ id, clientDataJSON, attestationObject }, expectedChallenge) {
      if (!isFromOurPage(clientDataJSON) || !isWithoutAttestation(attestationObject)) return null
      const response = { ...credential(id), response: { clientDataJSON, attestationObject } }
      const supportedAlgorithmIDs = [...PASSKEY_ALGORITHMS]
      const result = await orNull(
        verifyRegistrationResponse({ ...expected, response, expectedChallenge, supportedAlgorithmIDs }),
      )
      // `verified: false` comes without an exception
      if (result === null || !result.verified || !result.registrationInfo.userVerified) return null
      const { credential: key, credentialDeviceType, credentialBackedUp: isBackedUp } = result.registrationInfo
      if (key.id !== id) return null // the one that is stored is the one that is signed by
      const { counter, publicKey } = key
      const isBackupEligible = credentialDeviceType === 'multiDevice'
      return { credentialId: id, publicKey: new Uint8Array(publicKey), counter, isBackupEligible, isBackedUp }
    },
    async verifyAssertion(assertion, { credentialId, publicKey }, expectedChallenge) {
      const { clientDataJSON, authenticatorData, signature } = assertion
      if (!isFromOurPage(clientDataJSON)) return null
      const response = { ...credential(credentialId), response: { clientDataJSON, authenticatorData, signature } }
      // counter 0: the library compares counters before it has seen the signature, and without a lock
      const key = { id: credentialId, publicKey, counter: 0 }
      const result = await orNull(
        verifyAuthenticationResponse({ ...expected, response, expectedChallenge, credential: key }),
      )
      if (result === null || !result.verified || !result.authenticationInfo.userVerified) return null
      const { newCounter: counter, credentialDeviceType, credentialBackedUp: isBackedUp } = result.authenticationInfo
      return { counter, isBackupEligible: credentialDeviceType === 'multiDevice', isBackedUp }
    },
  }
}

function credential(id: string) {
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const
}

function clientDataIn(clientDataJSON: string): z.output<typeof clientData> | null {
  try {
    return clientData.parse(JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString('utf8')))
  } catch {
    return null
  }
}

/**
 * Whether nothing is said about the device: `none`, or a signature of the new key itself (`packed` without certificates),
 * which browsers leave in place. Certificates of strangers are not even read.
 */
function isWithoutAttestation(attestationObject: string): boolean {
  try {
    const decoded = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, 'base64url')))
    const format = decoded.get('fmt')
    return format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)
  } catch {
    return false
  }
}

/** Whatever the library throws at is not in order; its messages repeat what was sent. */
async function orNull<T>(verification: Promise<T>): Promise<T | null> {
  return verification.catch(() => null)
}
