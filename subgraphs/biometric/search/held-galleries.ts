import type { Logger } from '../../../platform/log/logger.js'
import type { BiometricType } from '../domain/biometric-record.js'
import type { GalleryContents, StoredMember } from './gallery-contents.js'
import type { SearchableGallery } from './searchable-gallery.js'

/** A gallery in memory. */
export interface HeldGallery {
  readonly type: BiometricType
  readonly rows: SearchableGallery
  /** Why not all of its members are here; null while they are. */
  fault: unknown
}

export interface HeldGalleriesParts {
  readonly contents: GalleryContents
  readonly openGallery: (type: BiometricType, galleryId: string) => SearchableGallery
  readonly logger: Logger
}

/** Galleries in memory, made as the contents say. What the contents throw is thrown on; a gallery that does not fit is at fault. */
export interface HeldGalleries {
  get(id: string): HeldGallery | undefined
  /** Lets go of all others. */
  keepOnly(ids: ReadonlySet<string>): void
  /** Everything in it anew. */
  readWhole(id: string, type: BiometricType): Promise<void>
  /** Some of its records. */
  readChanged(id: string, gallery: HeldGallery, recordIds: readonly string[]): Promise<void>
  /** Those at fault, anew. */
  readFaulty(): Promise<void>
}

export function createHeldGalleries({ contents, openGallery, logger }: HeldGalleriesParts): HeldGalleries {
  const held = new Map<string, HeldGallery>()
  const atFault = (id: string, gallery: HeldGallery, error: unknown) => {
    gallery.fault = error
    gallery.rows.clear()
    logger.error({ err: error, galleryId: id }, 'a gallery could not be read and is not searched')
  }
  const readWhole = async (id: string, type: BiometricType) => {
    const gallery: HeldGallery = held.get(id) ?? { type, rows: openGallery(type, id), fault: null }
    held.set(id, gallery)
    gallery.rows.clear()
    gallery.fault = null
    try {
      let page = await contents.page(id, null)
      while (page.length > 0) {
        put(gallery, page)
        page = await contents.page(id, page.at(-1)?.recordId ?? null)
      }
    } catch (error) {
      atFault(id, gallery, error)
    }
  }
  return {
    get: (id) => held.get(id),
    keepOnly(ids) {
      for (const [id, { rows }] of held) {
        if (ids.has(id)) continue
        rows.clear()
        held.delete(id)
      }
    },
    readWhole,
    async readChanged(id, gallery, recordIds) {
      const members = await contents.members(id, recordIds)
      const there = new Set(members.filter(({ template }) => template !== null).map(({ recordId }) => recordId))
      for (const recordId of recordIds) if (!there.has(recordId)) gallery.rows.remove(recordId)
      try {
        put(gallery, members)
      } catch (error) {
        atFault(id, gallery, error)
      }
    },
    async readFaulty() {
      for (const [id, { type, fault }] of held) if (fault !== null) await readWhole(id, type)
    },
  }
}

function put({ rows }: HeldGallery, members: readonly StoredMember[]): void {
  for (const { recordId, template } of members) {
    if (template === null) continue
    rows.put(recordId, template)
    template.fill(0)
  }
}
