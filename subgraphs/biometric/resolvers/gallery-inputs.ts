import { z } from 'zod'
import { lineOfText, sample } from './inputs.js'

export const createGalleryInput = z.object({
  name: lineOfText,
  type: z.enum(['FACE', 'VOICE', 'IRIS', 'FINGERPRINT', 'MULTI']),
  modelVersion: lineOfText,
})

const MOST_CANDIDATES = 100

export const identifyBiometricInput = z.object({
  galleryId: z.string(),
  ...sample,
  modelVersion: lineOfText,
  maximumCandidates: z
    .int()
    .min(1, `must be from 1 to ${MOST_CANDIDATES}`)
    .max(MOST_CANDIDATES, `must be from 1 to ${MOST_CANDIDATES}`)
    .nullish()
    .transform((value) => value ?? 10),
})
