/** People as capture software sends them, of each modality but faces. In: a seed. Out: bodies, each to be captured again and again. */
import type { Minutia } from '../../subgraphs/biometric/domain/fingerprint/minutiae.js'
import type { IrisCode } from '../../subgraphs/biometric/domain/iris/iris-code.js'
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import {
  impressionLevels,
  impressionOf,
  syntheticFinger,
} from '../../subgraphs/biometric/synthetic/synthetic-fingers.js'
import { capturedAgain, syntheticIris } from '../../subgraphs/biometric/synthetic/synthetic-irises.js'

/** The sample's part of an enrolment's or a frame's input. */
export type Sample = Readonly<Record<string, unknown>>

export interface Body {
  /** Another capture of the same person. */
  capture(): Sample
}

export interface BodySource {
  /** A voice as a direction: captures lie about it, strangers anywhere. */
  voice(): Body
  eye(): Body
  /** Fingers whose impressions are sent in one way. */
  finger(send: (minutiae: Minutia[]) => Sample): () => Body
}

export function createBodySource(seed: number): BodySource {
  const random = createRandomSource(seed)
  return {
    voice() {
      const mean = Array.from({ length: 192 }, () => random.normal())
      return { capture: () => ({ embedding: mean.map((component) => component + 0.4 * random.normal()) }) }
    },
    eye() {
      const code = syntheticIris(random)
      const sent = (captured: IrisCode) => ({ code: base64(captured.code), mask: base64(captured.mask) })
      return { capture: () => ({ iris: sent(capturedAgain(code, random)) }) }
    },
    finger: (send) => () => {
      const tip = syntheticFinger(random)
      return { capture: () => send(impressionOf(tip, impressionLevels.good, random)) }
    },
  }
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** Directions in degrees. */
export function asMinutiae(minutiae: Minutia[]): Sample {
  return { minutiae: minutiae.map((minutia) => ({ ...minutia, direction: (minutia.direction / Math.PI) * 180 })) }
}

/** For a record: of a right index finger, on a sensor of 800 pixels each way at 500 pixels an inch. */
export function viewOf(minutiae: Minutia[]) {
  return { ...{ position: 2, quality: 80, minutiae }, widthPx: 800, heightPx: 800, resolution: { x: 197, y: 197 } }
}
