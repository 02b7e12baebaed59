import { createEventRow } from '../../../platform/bus/event-row.js'
import { writeToOutbox } from '../../../platform/bus/outbox.js'
import { galleryChanged } from '../../../schema/contracts/gallery-changed.js'
import type { Gallery } from '../domain/galleries/gallery.js'
import type { SearchedGalleries } from '../domain/galleries/identify-biometric.js'
import type { GalleryChanges } from '../domain/galleries/manage-galleries.js'
import { administeredEvent } from '../events/biometric-events.js'
import type { BiometricPrisma, Transact, Transaction } from './biometric-prisma.js'

export interface GalleryPage {
  /** The sort key of the last gallery of the page before. */
  readonly after?: { readonly at: Date; readonly id: string } | undefined
  readonly limit: number
}

export interface PrismaGalleries extends GalleryChanges, SearchedGalleries {
  /** Newest first. */
  page(page: GalleryPage): Promise<Gallery[]>
  size(id: string): Promise<number>
}

/** Galleries and their members; what replicas have to know of it triggers write down, see the migration. */
export function createPrismaGalleries(prisma: BiometricPrisma, transact: Transact): PrismaGalleries {
  return {
    add: (gallery, operatorId) =>
      transact(async (transaction) => {
        const { count } = await transaction.gallery.createMany({ data: [gallery], skipDuplicates: true })
        if (count === 0) return false
        await tell(transaction, 'gallery-created', gallery.id, operatorId, gallery.createdAt)
        return true
      }),
    remove: (id, operatorId, now) =>
      transact(async (transaction) => {
        const { count } = await transaction.gallery.deleteMany({ where: { id } })
        if (count === 0) return false
        await tell(transaction, 'gallery-deleted', id, operatorId, now)
        await writeToOutbox(transaction, changedEvent(id, now))
        return true
      }),
    find: (id) => prisma.gallery.findUnique({ where: { id } }),
    join: (galleryId, recordId, operatorId, now) =>
      transact(async (transaction) => {
        const gallery = await transaction.gallery.findUnique({ where: { id: galleryId } })
        if (gallery === null) return 'no-gallery'
        // held against being retired until the commit, so that whoever retires it afterwards finds the member
        await transaction.$queryRaw`SELECT 1 FROM biometric_records WHERE id = ${recordId}::uuid FOR SHARE`
        const record = await transaction.biometricRecord.findUnique({ where: { id: recordId, isActive: true } })
        if (record === null) return 'no-record'
        if (record.expiresAt <= now) return 'expired'
        if (record.type !== gallery.type || record.modelVersion !== gallery.modelVersion) return 'other-kind'
        const data = [{ galleryId, recordId, addedAt: now }]
        const { count } = await transaction.galleryMember.createMany({ data, skipDuplicates: true })
        if (count === 0) return 'joined'
        await tell(transaction, 'gallery-member-added', recordId, operatorId, now)
        await writeToOutbox(transaction, changedEvent(galleryId, now))
        return 'joined'
      }),
    leave: (galleryId, recordId, operatorId, now) =>
      transact(async (transaction) => {
        const { count } = await transaction.galleryMember.deleteMany({ where: { galleryId, recordId } })
        if (count === 0) return
        await tell(transaction, 'gallery-member-removed', recordId, operatorId, now)
        await writeToOutbox(transaction, changedEvent(galleryId, now))
      }),
    noteSearch: (galleryId, callerId, now) =>
      transact((transaction) => tell(transaction, 'gallery-searched', galleryId, callerId, now)),
    async membersAmong(galleryId, recordIds, now) {
      if (recordIds.length === 0) return []
      const members = await prisma.galleryMember.findMany({
        where: { galleryId, recordId: { in: [...recordIds] }, record: { isActive: true, expiresAt: { gt: now } } },
        select: { recordId: true, record: { select: { userId: true } } },
      })
      return members.map(({ recordId, record: { userId } }) => ({ recordId, userId }))
    },
    page: ({ after, limit }) =>
      prisma.gallery.findMany({
        where: after && { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }] },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: limit,
      }),
    size: (galleryId) => prisma.galleryMember.count({ where: { galleryId } }),
  }
}

/** Wakes the replicas, which read what has changed. */
export function changedEvent(galleryId: string, now: Date) {
  return createEventRow(galleryChanged, { galleryId }, { now })
}

type Act = Parameters<typeof administeredEvent>[0]['act']

async function tell(transaction: Transaction, act: Act, subjectId: string, operatorId: string, now: Date) {
  await writeToOutbox(transaction, administeredEvent({ act, subjectId, administratorId: operatorId }, now))
}
