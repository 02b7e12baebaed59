import type { BiometricType } from './biometric-record.js'
import { createTheoreticalCalibration } from './calibration.js'
import type { Likeness } from './calibrations/likeness.js'
import { assessEmbedding } from './embedding-quality.js'
import { componentsOf, cosine, embeddingFault, encodeUnitVector } from './embedding.js'
import { requireOneField, sampleFault, type Modality } from './modality.js'

/** Components of a face embedding. */
export const FACE_DIMENSION = 512

/** Components of a voice embedding. */
export const VOICE_DIMENSION = 192

/** A cosine from which on a probe is a copy. */
const COPY_COSINE = 0.9999

/** Faces and voices, compared by the cosine of their embeddings: microseconds, so on the event loop. */
export const face = createEmbeddingModality('FACE', FACE_DIMENSION, { a: 14, b: 7 })
export const voice = createEmbeddingModality('VOICE', VOICE_DIMENSION, { a: 4, b: 4 })

function createEmbeddingModality(type: BiometricType, dimension: number, likeness: Likeness): Modality {
  return {
    type,
    algorithm: 'cosine-float32-v1',
    calibration: createTheoreticalCalibration(dimension, likeness),
    prepare(sample) {
      const field = requireOneField(sample, type, ['embedding'])
      const embedding = sample.embedding ?? []
      const fault = embeddingFault(embedding, dimension)
      if (fault !== null) throw sampleFault(field, fault)
      return { template: encodeUnitVector(embedding), quality: assessEmbedding(embedding), field: `input.${field}` }
    },
    compare: async (enrolled, probe) => cosine(enrolled, probe),
    isCopy: (enrolled, probe) => cosine(enrolled, probe) >= COPY_COSINE,
    directionOf: componentsOf,
  }
}
