/**
 * What operators keep: policies, calibrations, devices that vouch, addresses that are told, limits that are lifted. In: the database, the keys and the
 * configuration. Out: use cases, readers, and the check of what a device signs. It does no I/O of its own.
 */
import type { UseCaseParts } from './create-use-cases.js'
import { createImportCalibration, createWithdrawCalibration } from './domain/calibrations/import-calibration.js'
import { createDefinePolicy, createRetirePolicy } from './domain/define-policy.js'
import { createCheckEvidence } from './domain/evidence/check-evidence.js'
import { createManageDevices } from './domain/evidence/manage-devices.js'
import { createLiftLimits } from './domain/lift-limits.js'
import { joseEvidence } from './evidence/jose-evidence.js'
import { createWebhooks } from './open-callbacks.js'
import type { createPrismaCalibrations } from './persistence/prisma-calibrations.js'
import { createPrismaCaptureDevices } from './persistence/prisma-capture-devices.js'
import { findComparisons } from './persistence/prisma-comparisons.js'
import { hasConsent } from './persistence/prisma-consents.js'
import { createPrismaLimits } from './persistence/prisma-limits.js'

export function createOperations(parts: UseCaseParts, stored: ReturnType<typeof createPrismaCalibrations>) {
  const { prisma, transact, cipher, config, policies, modalities, now } = parts
  const devices = createPrismaCaptureDevices(prisma, transact)
  const webhooks = createWebhooks({ prisma, transact, cipher, config: config.callbacks, now })
  return {
    useCases: {
      liftLimits: createLiftLimits({ limits: createPrismaLimits(transact), now }),
      devices: createManageDevices({ devices, now }),
      webhooks: webhooks.manage,
      definePolicy: createDefinePolicy({ policies, now }),
      retirePolicy: createRetirePolicy({ policies, now }),
      importCalibration: createImportCalibration({ stored, modalities, now }),
      withdrawCalibration: createWithdrawCalibration({ stored, now }),
    },
    readers: {
      captureDevices: devices.list,
      webhooks: webhooks.list,
      policies: policies.list,
      policiesById: policies.find,
      comparisons: (sessionIds: readonly string[]) => findComparisons(prisma, sessionIds),
      hasConsent: (userId: string) => hasConsent(prisma, userId),
    },
    checkEvidence: createCheckEvidence({ reader: joseEvidence, findDevice: devices.find, now }),
  }
}
