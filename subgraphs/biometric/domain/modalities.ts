import { face, voice } from './embedding-modality.js'
import { fingerprint } from './fingerprint/fingerprint.js'
import { iris } from './iris/iris.js'
import type { Modalities } from './modality.js'

/** What this service compares. */
export const modalities: Modalities = new Map(
  [face, voice, iris, fingerprint].map((modality) => [modality.type, modality]),
)
