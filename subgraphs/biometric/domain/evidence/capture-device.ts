/**
 * Devices that vouch for what they captured. Each has a key of its own and signs, over the nonce of one frame, which sample it took
 * and whether it saw a living person.
 */
import type { BiometricType } from '../biometric-record.js'

/** What a device captures with, as the schema names it. */
export type CaptureDeviceKind = 'CAMERA' | 'MICROPHONE' | 'IRIS_CAMERA' | 'FINGERPRINT_READER'

/** A public key as a JSON Web Key (RFC 7517): P-256 signs by ES256, Ed25519 by EdDSA. */
export type DeviceKey =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

export interface CaptureDevice {
  readonly id: string
  readonly kind: CaptureDeviceKind
  readonly model: string
  readonly publicKey: DeviceKey
  readonly registeredAt: Date
  /** Since when nothing it signs counts; null while it does. */
  readonly disabledAt: Date | null
}

const captures: Readonly<Record<CaptureDeviceKind, BiometricType>> = {
  CAMERA: 'FACE',
  MICROPHONE: 'VOICE',
  IRIS_CAMERA: 'IRIS',
  FINGERPRINT_READER: 'FINGERPRINT',
}

/** What a device of this kind captures. */
export function modalityOf(kind: CaptureDeviceKind): BiometricType {
  return captures[kind]
}
