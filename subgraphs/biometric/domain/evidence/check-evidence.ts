/**
 * Whether a capture device vouches for a frame. In: what it signed, and the frame it is to be about. Out: the device, or a refusal
 * that names what is wrong. It believes a device that says the sample is of a living person, and nothing else about it.
 */
import { AppError } from '../../../../platform/errors/app-error.js'
import type { BiometricType } from '../biometric-record.js'
import { modalityOf, type CaptureDevice } from './capture-device.js'

/** What a device signs. */
export interface Assertion {
  readonly nonce: string
  readonly sessionId: string
  /** As `sampleDigest` makes it. */
  readonly sample: string
  readonly signedAt: Date
  /** Presentation attack detection (ISO/IEC 30107-3): what it took the presentation for. */
  readonly presentation: 'bona_fide' | 'attack'
}

export interface EvidenceReader {
  /** The device a signed assertion names, as it names it; null for what is none. Nothing of it is proven by that. */
  deviceIdOf(signed: string): string | null
  /** What the device has signed; null where the signature is not this device's, or it says something else than an assertion. */
  verify(signed: string, device: CaptureDevice): Promise<Assertion | null>
}

export interface EvidenceParts {
  readonly reader: EvidenceReader
  /** As it is now: what was disabled a moment ago is disabled. */
  readonly findDevice: (id: string) => Promise<CaptureDevice | null>
  readonly now: () => Date
}

/** The frame that evidence is to be about. */
export interface EvidencedFrame {
  readonly evidence?: string | undefined
  readonly nonce: string
  readonly sessionId: string
  readonly sampleDigest: string
  readonly modality: BiometricType
  /** Whether the policy asks for evidence. What is given is checked in any case. */
  readonly isRequired: boolean
}

const LONGEST_AGE_MS = 60_000 // a capture and its way here
const CLOCKS_DIFFER_MS = 5_000

/** The device that vouches; null where none does and none has to. Throws BIOMETRIC_EVIDENCE_REFUSED that names the field. */
export function createCheckEvidence({ reader, findDevice, now }: EvidenceParts) {
  return async (frame: EvidencedFrame): Promise<CaptureDevice | null> => {
    const { evidence } = frame
    if (evidence === undefined) {
      if (frame.isRequired) throw refusal('', 'must be given: the policy asks for a capture device that vouches for it')
      return null
    }
    const id = reader.deviceIdOf(evidence)
    if (id === null) throw refusal('', 'must be a JWS in compact form that names its device as `kid`')
    const device = await findDevice(id)
    if (device === null) throw refusal('.kid', 'is of no device that is registered')
    if (device.disabledAt !== null) throw refusal('.kid', 'is of a device that was disabled')
    if (modalityOf(device.kind) !== frame.modality)
      throw refusal('.kid', `is of a device that captures no ${frame.modality}`)
    const assertion = await reader.verify(evidence, device)
    if (assertion === null) throw refusal('.signature', 'is not what this device signs')
    requireAbout(assertion, frame, now())
    return device
  }
}

function requireAbout(assertion: Assertion, frame: EvidencedFrame, now: Date): void {
  const ageMs = now.getTime() - assertion.signedAt.getTime()
  if (assertion.sessionId !== frame.sessionId) throw refusal('.sid', 'is another verification')
  if (assertion.nonce !== frame.nonce) throw refusal('.nonce', 'is not the nonce of this frame')
  if (assertion.sample !== frame.sampleDigest) throw refusal('.sample', 'is the digest of another sample')
  if (ageMs > LONGEST_AGE_MS || ageMs < -CLOCKS_DIFFER_MS) throw refusal('.iat', 'is not of the last minute')
  if (assertion.presentation !== 'bona_fide') throw refusal('.pad', 'says that this was no living person')
}

function refusal(part: string, reason: string): AppError {
  return new AppError('BIOMETRIC_EVIDENCE_REFUSED', { details: [{ field: `input.evidence${part}`, reason }] })
}
