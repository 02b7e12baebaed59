import { hkdfSync } from 'node:crypto'
import type { BiometricType } from '../domain/biometric-record.js'
import { FACE_DIMENSION, VOICE_DIMENSION } from '../domain/embedding-modality.js'
import { createEmbeddingGallery } from './embedding-gallery.js'
import { createIrisGallery } from './iris-gallery.js'
import { createKeyedRotation } from './keyed-rotation.js'
import { createPrintGallery } from './print-gallery.js'
import type { GalleryParts, SearchableGallery } from './searchable-gallery.js'

/**
 * An empty gallery of a modality. Embeddings are turned by a rotation of the gallery's own, whose key follows from the master key
 * (HKDF, RFC 5869): two galleries with one person's face have nothing in common. Throws RangeError for a modality that can't be searched.
 */
export function openSearchable(
  type: BiometricType,
  galleryId: string,
  { masterKey, ...parts }: GalleryParts & { readonly masterKey: Uint8Array },
): SearchableGallery {
  const rotation = (dimension: number) => createKeyedRotation(rotationKey(masterKey, galleryId), dimension)
  switch (type) {
    case 'FACE':
      return createEmbeddingGallery(parts, FACE_DIMENSION, rotation(FACE_DIMENSION))
    case 'VOICE':
      return createEmbeddingGallery(parts, VOICE_DIMENSION, rotation(VOICE_DIMENSION))
    case 'IRIS':
      return createIrisGallery(parts)
    case 'FINGERPRINT':
      return createPrintGallery(parts)
    case 'MULTI':
      throw new RangeError('Galleries are of one modality.')
  }
}

function rotationKey(masterKey: Uint8Array, galleryId: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', masterKey, galleryId, 'biometrics gallery rotation v1', 32))
}
