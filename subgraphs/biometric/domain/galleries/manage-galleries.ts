import { AppError } from '../../../../platform/errors/app-error.js'
import { requireModality, type Modalities } from '../modality.js'
import type { Gallery } from './gallery.js'

export type NewGallery = Omit<Gallery, 'id' | 'createdAt'>

export type Joining = 'joined' | 'no-gallery' | 'no-record' | 'expired' | 'other-kind'

/** Every change is told to the audit log, and to the replicas, in its transaction. */
export interface GalleryChanges {
  /** False where another has the name. */
  add(gallery: Gallery, operatorId: string): Promise<boolean>
  /** Whether it was there. */
  remove(id: string, operatorId: string, now: Date): Promise<boolean>
  find(id: string): Promise<Gallery | null>
  /** Only active records that have not expired, of the gallery's modality and model. */
  join(galleryId: string, recordId: string, operatorId: string, now: Date): Promise<Joining>
  /** Nothing for a record that is no member. */
  leave(galleryId: string, recordId: string, operatorId: string, now: Date): Promise<void>
}

interface ManagementParts {
  readonly galleries: GalleryChanges
  /** Throws RES_CONFLICT where no more records can be searched. */
  readonly requireRoom: () => void
  readonly modalities: Modalities
  readonly now: () => Date
}

/**
 * Galleries and who is in them, for operators. Throws RES_NOT_FOUND, RES_ALREADY_EXISTS for a name that is taken,
 * BIOMETRIC_RECORD_EXPIRED, VAL_VALIDATION_FAILED for a modality that can't be searched and a record of another kind, and RES_CONFLICT
 * where memory is full.
 */
export function createManageGalleries({ galleries, requireRoom, modalities, now }: ManagementParts) {
  const requireGallery = async (id: string): Promise<Gallery> => {
    const gallery = await galleries.find(id)
    if (gallery === null) throw new AppError('RES_NOT_FOUND')
    return gallery
  }
  return {
    async create(wanted: NewGallery, operatorId: string): Promise<Gallery> {
      requireModality(modalities, wanted.type)
      const gallery = { ...wanted, id: crypto.randomUUID(), createdAt: now() }
      if (await galleries.add(gallery, operatorId)) return gallery
      throw new AppError('RES_ALREADY_EXISTS', {
        message: 'There is a gallery of this name: choose another.',
        details: [{ field: 'input.name', reason: 'is the name of a gallery' }],
      })
    },
    async remove(id: string, operatorId: string): Promise<string> {
      if (!(await galleries.remove(id, operatorId, now()))) throw new AppError('RES_NOT_FOUND')
      return id
    },
    async join(galleryId: string, recordId: string, operatorId: string): Promise<Gallery> {
      const gallery = await requireGallery(galleryId)
      requireRoom()
      const outcome = await galleries.join(galleryId, recordId, operatorId, now())
      if (outcome === 'joined') return gallery
      if (outcome === 'expired') {
        const message = 'This record has expired: its owner has to renew it.'
        throw new AppError('BIOMETRIC_RECORD_EXPIRED', { message })
      }
      if (outcome !== 'other-kind') throw new AppError('RES_NOT_FOUND')
      throw new AppError('VAL_VALIDATION_FAILED', {
        details: [{ field: 'recordId', reason: `must be a record of ${gallery.type} by the gallery’s model` }],
      })
    },
    async leave(galleryId: string, recordId: string, operatorId: string): Promise<Gallery> {
      const gallery = await requireGallery(galleryId)
      await galleries.leave(galleryId, recordId, operatorId, now())
      return gallery
    },
  }
}
