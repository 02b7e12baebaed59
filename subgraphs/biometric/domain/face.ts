import { AppError } from '../../../platform/errors/app-error.js'
import { assessEmbedding } from './embedding-quality.js'
import { cosine, embeddingFault, encodeUnitVector } from './embedding.js'
import type { Modality } from './modality.js'

/** Components of a face embedding. */
export const FACE_DIMENSION = 512

const FIELD = 'input.embedding'

/** Faces as embeddings of 512 components, compared by their cosine: microseconds, so on the event loop. */
export const face: Modality = {
  type: 'FACE',
  algorithm: 'cosine-float32-v1',
  field: FIELD,
  prepare({ embedding }) {
    const fault = embeddingFault(embedding, FACE_DIMENSION)
    if (fault !== null) throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: FIELD, reason: fault }] })
    return { template: encodeUnitVector(embedding), quality: assessEmbedding(embedding) }
  },
  compare: async (enrolled, probe) => cosine(enrolled, probe),
}
