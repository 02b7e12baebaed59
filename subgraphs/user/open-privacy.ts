/**
 * What people can ask about what is kept of them. In: the engines, the database, what configuration says. Out: the use cases,
 * and workers and consumers that see to it that what was asked for happens in every service. Closed by `shutdown`.
 */
import { createEnvelopeCipher } from '../../platform/crypto/envelope.js'
import type { MasterKeys } from '../../platform/config/master-keys.js'
import type { Engines } from '../../platform/service/engines.js'
import type { Foundations } from '../../platform/service/open-subgraph-service.js'
import { createConsents, type ConsentDocument, type Consents } from './domain/consents.js'
import { createEraseAccount, type EraseAccount } from './domain/erase-account.js'
import { createExportData, type ExportData } from './domain/export-data.js'
import { onErasureAcknowledged } from './events/on-erasure-acknowledged.js'
import { onErasureOrdered } from './events/on-erasure-ordered.js'
import { onErasureRequested } from './events/on-erasure-requested.js'
import { onExportPart } from './events/on-export-part.js'
import { onExportRequested } from './events/on-export-requested.js'
import { openErasureWorker } from './events/open-erasure-worker.js'
import { openExportWorker } from './events/open-export-worker.js'
import { createPrismaConsents } from './persistence/prisma-consents.js'
import { createPrismaDataExports } from './persistence/prisma-data-exports.js'
import { createPrismaErasures } from './persistence/prisma-erasures.js'
import type { Transact } from './persistence/transact.js'
import type { UserPrisma } from './persistence/user-prisma.js'

export interface PrivacySettings {
  /** How long an erasure can be cancelled before it begins, in milliseconds. */
  readonly erasureGraceMs: number
  /** What people are asked to agree to, one document a kind. */
  readonly consentDocuments: readonly ConsentDocument[]
  /** After so long without a service's answer it is asked again, in milliseconds. */
  readonly askAgainMs: number
  /** How often what is due is looked for, in milliseconds. */
  readonly sweepEveryMs: number
  /** Where links to exports lead, with a slash at its end. */
  readonly downloadUrl: string
}

export interface Privacy {
  readonly eraseAccount: EraseAccount
  readonly consents: Consents
  readonly exportData: ExportData
}

export interface PrivacyParts extends Pick<Foundations, 'logger' | 'shutdown'>, Pick<Engines, 'bus'> {
  readonly settings: PrivacySettings
  /** What exports are sealed under. */
  readonly masterKeys: MasterKeys
  readonly prisma: UserPrisma
  readonly transact: Transact
  readonly now: () => Date
  /** To be called when a person's profile was changed past the cache. */
  readonly profileChanged: (userId: string) => Promise<void>
}

export async function openPrivacy(parts: PrivacyParts): Promise<Privacy> {
  const { settings, masterKeys, prisma, transact, bus, logger, now, profileChanged, shutdown } = parts
  const listening = { bus, logger, transact, now }
  const listeners = [
    () => onErasureRequested({ ...listening, afterwards: profileChanged }),
    () => onErasureAcknowledged(listening),
    () => onErasureOrdered(listening),
    () => onExportRequested(listening),
    () => onExportPart(listening),
  ]
  for (const open of listeners) {
    const consumer = await open()
    shutdown.add('a consumer', () => consumer.close())
  }
  const { sweepEveryMs: everyMs, askAgainMs, erasureGraceMs: graceMs } = settings
  const worker = openErasureWorker({ transact, logger, now, everyMs, askAgainMs })
  shutdown.add('the erasure worker', () => worker.close())
  const cipher = createEnvelopeCipher({ masterKeys: masterKeys.keys, currentKeyId: masterKeys.currentKeyId })
  const exporter = openExportWorker({ prisma, transact, cipher, logger, now, everyMs, askAgainMs })
  shutdown.add('the export worker', () => exporter.close())
  const newId = () => crypto.randomUUID()
  return {
    eraseAccount: createEraseAccount({ erasures: createPrismaErasures(prisma, transact), graceMs, now, newId }),
    exportData: createExportData({
      exports: createPrismaDataExports(prisma, transact),
      downloadUrl: settings.downloadUrl,
      cipher,
      now,
      newId,
    }),
    consents: createConsents({
      store: createPrismaConsents(prisma, transact),
      documents: settings.consentDocuments,
      now,
    }),
  }
}
