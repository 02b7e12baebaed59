/**
 * Galleries, searched in memory. In: the database, the bus, the pool of workers. Out: what can be done with galleries, and an
 * index that follows the database until it is closed. It reads galleries while the service already answers; a search waits.
 */
import type { Bus } from '../../platform/bus/bus.js'
import type { Cache } from '../../platform/cache/cache.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import type { EnvelopeCipher } from '../../platform/crypto/envelope.js'
import type { Logger } from '../../platform/log/logger.js'
import { openSweeper } from '../../platform/service/open-sweeper.js'
import type { BiometricConfig } from './config.js'
import { createCalibrations } from './domain/calibrations/find-calibrations.js'
import { createIdentificationAllowance } from './domain/galleries/identification-allowance.js'
import { createIdentifyBiometric } from './domain/galleries/identify-biometric.js'
import { createManageGalleries } from './domain/galleries/manage-galleries.js'
import type { Modalities } from './domain/modality.js'
import { followGalleryChanges } from './events/follow-gallery-changes.js'
import type { BiometricPrisma, Transact } from './persistence/biometric-prisma.js'
import { createCachedIdentificationCounts } from './persistence/cached-identification-counts.js'
import { dropExpiredMembers } from './persistence/drop-expired-members.js'
import { createPrismaCalibrations } from './persistence/prisma-calibrations.js'
import { createPersonKeys } from './persistence/person-keys.js'
import { createPrismaGalleries } from './persistence/prisma-galleries.js'
import { createPrismaGalleryContents } from './persistence/prisma-gallery-contents.js'
import { createGalleryIndex } from './search/gallery-index.js'
import { openSearchable } from './search/open-searchable.js'
import { createSearchMemory } from './search/search-memory.js'
import type { MatchPool } from './workers/match-pool.js'

interface GalleriesParts {
  readonly prisma: BiometricPrisma
  readonly transact: Transact
  readonly cipher: EnvelopeCipher
  readonly config: BiometricConfig
  readonly modalities: Modalities
  readonly pool: MatchPool
  readonly bus: Bus
  readonly cache: Cache
  readonly logger: Logger
  readonly now: () => Date
}

export type Galleries = ReturnType<typeof openGalleries>

export function openGalleries(parts: GalleriesParts) {
  const { prisma, transact, cipher, config, modalities, pool, bus, logger, now } = parts
  const search = createSearchMemory(config.search.memoryBytes)
  const galleries = createPrismaGalleries(prisma, transact)
  const masterKey = config.masterKeys.keys[config.masterKeys.currentKeyId] ?? new Uint8Array(32)
  const contents = createPrismaGalleryContents({ prisma, cipher, personKeys: createPersonKeys(cipher), logger })
  const index = createGalleryIndex({
    contents,
    openGallery: (type, id) => openSearchable(type, id, { pool, search, masterKey }),
    logger,
    clock: () => performance.now(),
  })
  const fallback = createInProcessCache()
  const counts = createCachedIdentificationCounts({ cache: parts.cache, fallback, logger })
  const sweeper = openSweeper({
    async sweep() {
      await dropExpiredMembers(prisma, now())
      await index.mend()
      await contents.forgetOldChanges()
    },
    everyMs: config.search.sweepEveryMs,
    logger,
    failure: 'galleries could not be kept current just now',
  })
  const follower = followGalleryChanges({ bus, logger, changed: () => index.catchUp() })
  return {
    manage: createManageGalleries({ galleries, requireRoom: search.requireRoom, modalities, now }),
    identify: createIdentifyBiometric({
      ...{ galleries, index, modalities, now },
      calibrations: createCalibrations(createPrismaCalibrations(prisma), modalities),
      claimTurn: createIdentificationAllowance(counts, config.search.searchesAMinute, now),
      terms: {
        falsePositiveIdentificationRate: config.search.falsePositiveIdentificationRate,
        minimumQuality: config.policy.minimumQuality,
      },
    }),
    readers: { find: galleries.find, page: galleries.page, size: galleries.size, bytesOf: index.bytesOf },
    async close() {
      await sweeper.close()
      await follower.close()
      await index.catchUp().catch(() => undefined) // what is being read needs the database
      await fallback.close()
    },
  }
}
