import { masterKeyIdOf, type EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { GalleryContents, StoredMember } from '../search/gallery-contents.js'
import type { BiometricPrisma } from './biometric-prisma.js'
import { PERSON_KEY_ID, type PersonKeys } from './person-keys.js'
import { templateContext } from './prisma-templates.js'

interface ContentsParts {
  readonly prisma: BiometricPrisma
  readonly cipher: EnvelopeCipher
  readonly personKeys: PersonKeys
  readonly logger: Logger
}

const PAGE = 256 // opened in a few milliseconds, between which the event loop is free
const KEPT_FOR = '1 day'

/** What galleries hold, read for the memory they are searched in. */
export function createPrismaGalleryContents({ prisma, cipher, personKeys, logger }: ContentsParts): GalleryContents {
  const read = async (galleryId: string, which: object, take?: number): Promise<StoredMember[]> => {
    const members = await prisma.galleryMember.findMany({
      where: { galleryId, recordId: which, record: { isActive: true } },
      orderBy: { recordId: 'asc' },
      ...(take !== undefined && { take }),
      select: { record: { select: { id: true, userId: true, template: { select: { sealed: true } } } } },
    })
    const userIds = [...new Set(members.map(({ record }) => record.userId))]
    const keys = await prisma.personKey.findMany({ where: { userId: { in: userIds } } })
    const sealedKeys = new Map(keys.map(({ userId, sealedKey }) => [userId, sealedKey]))
    return members.map(({ record }) => {
      const open = (sealed: Uint8Array) => {
        const sealedKey = sealedKeys.get(record.userId)
        const isPersons = masterKeyIdOf(sealed) === PERSON_KEY_ID
        const opener = isPersons ? sealedKey && personKeys.open(record.userId, sealedKey) : cipher
        return opener?.open(sealed, templateContext(record)) ?? null
      }
      try {
        return { recordId: record.id, template: record.template && open(record.template.sealed) }
      } catch (error) {
        logger.error({ err: error, recordId: record.id }, 'a template could not be opened and is not searched')
        return { recordId: record.id, template: null }
      }
    })
  }
  return {
    galleries: () => prisma.gallery.findMany({ select: { id: true, type: true } }),
    page: (galleryId, after) => read(galleryId, after === null ? {} : { gt: after }, PAGE),
    members: (galleryId, recordIds) => read(galleryId, { in: [...recordIds] }),
    async changesSince(position) {
      const rows = await prisma.$queryRaw<
        { readonly upTo: bigint; readonly galleryId: string | null; readonly recordId: string | null }[]
      >`
        SELECT DISTINCT now.up_to AS "upTo", change.gallery_id AS "galleryId", change.record_id AS "recordId"
        FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS up_to) AS now
        LEFT JOIN gallery_changes AS change ON change.xid >= ${position}::bigint`
      const changed = rows.flatMap(({ galleryId, recordId }) =>
        galleryId === null || recordId === null ? [] : [{ galleryId, recordId }],
      )
      return { upTo: rows[0]?.upTo ?? position ?? 0n, changed }
    },
    forgetOldChanges: async () => {
      await prisma.$executeRaw`DELETE FROM gallery_changes WHERE changed_at < now() - ${KEPT_FOR}::interval`
    },
  }
}
