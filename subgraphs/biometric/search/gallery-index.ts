/**
 * All galleries in memory, as they stand in the database. In: what changed, read again and again. Out: searches that know of
 * everything committed before they began. Every replica has an index of its own; what tells it that something changed only
 * saves time, for each search looks first.
 */
import { AppError } from '../../../platform/errors/app-error.js'
import type { GallerySearch } from '../domain/galleries/identify-biometric.js'
import { createHeldGalleries, type HeldGalleriesParts } from './held-galleries.js'
import { createRounds } from './rounds.js'

export interface GalleryIndex extends GallerySearch {
  /** Resolves when everything committed before the call is known. */
  catchUp(): Promise<void>
  /** Reads galleries again that could not be read. */
  mend(): Promise<void>
  /** Of memory the gallery takes here. */
  bytesOf(galleryId: string): number
}

export interface GalleryIndexParts extends HeldGalleriesParts {
  /** Milliseconds that only go forward. */
  readonly clock: () => number
}

const READ_ANEW_AFTER_MS = 12 * 3_600_000 // half of what changes are kept

export function createGalleryIndex({ clock, ...parts }: GalleryIndexParts): GalleryIndex {
  const { contents } = parts
  const held = createHeldGalleries(parts)
  let position: bigint | null = null
  let readAt = 0
  let isMending = false
  const readAll = async () => {
    const { upTo } = await contents.changesSince(null)
    const galleries = await contents.galleries()
    held.keepOnly(new Set(galleries.map(({ id }) => id)))
    for (const { id, type } of galleries) await held.readWhole(id, type)
    return upTo
  }
  const readSince = async (from: bigint) => {
    const { upTo, changed } = await contents.changesSince(from)
    if (changed.length === 0) return upTo
    const galleries = await contents.galleries()
    held.keepOnly(new Set(galleries.map(({ id }) => id)))
    for (const { id, type } of galleries) {
      const recordIds = changed.filter(({ galleryId }) => galleryId === id).map(({ recordId }) => recordId)
      const gallery = held.get(id)
      if (recordIds.length === 0) continue
      if (gallery === undefined || gallery.fault !== null) await held.readWhole(id, type)
      else await held.readChanged(id, gallery, recordIds)
    }
    return upTo
  }
  const catchUp = createRounds(async () => {
    const isStale = position === null || clock() - readAt > READ_ANEW_AFTER_MS
    position = isStale || position === null ? await readAll() : await readSince(position)
    readAt = clock()
    if (isMending) await held.readFaulty()
    isMending = false
  })
  return {
    catchUp,
    mend() {
      isMending = true
      return catchUp()
    },
    bytesOf: (galleryId) => held.get(galleryId)?.rows.bytes ?? 0,
    async search(galleryId, probe, { floorFor, most }) {
      await catchUp()
      const gallery = held.get(galleryId)
      if (gallery === undefined) return { size: 0, candidates: [] }
      if (gallery.fault !== null) throw notWhole(gallery.fault)
      const { size } = gallery.rows
      return { size, candidates: await gallery.rows.search(probe, { floor: floorFor(size), most }) }
    },
  }
}

function notWhole(cause: unknown): AppError {
  return new AppError('INT_EXTERNAL_SERVICE_ERROR', {
    message: 'Not all of this gallery could be read, so it is not searched: try again later.',
    cause,
  })
}
