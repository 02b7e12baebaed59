/**
 * Joins the rules of domain/ with what persistence/ gives them. In: the database, the keys and the configuration. Out: what
 * the service can do and what can be read of it. It does no I/O of its own.
 */
import type { EnvelopeCipher } from '../../platform/crypto/envelope.js'
import type { BiometricConfig } from './config.js'
import type { BiometricReaders, BiometricUseCases } from './context.js'
import { createCalibrations, type Calibrations } from './domain/calibrations/find-calibrations.js'
import { createOperations } from './create-operations.js'
import { createCancelVerification } from './domain/cancel-verification.js'
import { createChoosePolicy } from './domain/choose-policy.js'
import type { DefaultPolicies } from './domain/default-policies.js'
import { createEnrollBiometric } from './domain/enroll-biometric.js'
import { createExpireOverdue } from './domain/expire-overdue.js'
import type { Modalities } from './domain/modality.js'
import { createFindFusedCalibration } from './domain/fusion/find-fused-calibration.js'
import { createReadVerifications } from './domain/read-verifications.js'
import { createDeactivateBiometric, createDeleteBiometric } from './domain/retire-biometric.js'
import { createRenewBiometric } from './domain/renew-biometric.js'
import { createStartVerification } from './domain/start-verification.js'
import { createSubmitFrame } from './domain/submit-frame.js'
import { createVerifyOnce } from './domain/verify-once.js'
import type { BiometricPrisma, Transact } from './persistence/biometric-prisma.js'
import { createPersonKeys } from './persistence/person-keys.js'
import { createPrismaCalibrations } from './persistence/prisma-calibrations.js'
import { createPrismaFrames } from './persistence/prisma-frames.js'
import type { PrismaPolicies } from './persistence/prisma-policies.js'
import { createPrismaRecords } from './persistence/prisma-records.js'
import { createPrismaRenewals } from './persistence/prisma-renewals.js'
import { createPrismaTemplates } from './persistence/prisma-templates.js'
import { createPrismaVerifications } from './persistence/prisma-verifications.js'
import { createProbeDigests } from './persistence/probe-digests.js'
import { createProbeSketches } from './persistence/probe-sketches.js'

export interface UseCaseParts {
  readonly prisma: BiometricPrisma
  readonly transact: Transact
  readonly cipher: EnvelopeCipher
  readonly config: BiometricConfig
  readonly policies: PrismaPolicies
  /** The configured terms as they stand in the database. */
  readonly defaultPolicies: DefaultPolicies
  readonly modalities: Modalities
  readonly now: () => Date
}

export interface Joined {
  readonly useCases: BiometricUseCases
  readonly readers: BiometricReaders
  readonly expireOverdue: () => Promise<number>
}

/** Every use case and reader over these parts. */
export function createUseCases(parts: UseCaseParts): Joined {
  const { prisma, transact, cipher, modalities, now } = parts
  const { masterKeys, policy } = parts.config
  const keys = { masterKeys: masterKeys.keys, currentKeyId: masterKeys.currentKeyId }
  const marks = { digests: createProbeDigests(keys), sketches: createProbeSketches(keys) }
  const personKeys = createPersonKeys(cipher)
  const records = createPrismaRecords({ prisma, transact, personKeys, digests: marks.digests })
  const renewals = createPrismaRenewals({ transact, personKeys, marks })
  const templates = createPrismaTemplates(prisma, cipher, personKeys)
  const stored = createPrismaCalibrations(prisma)
  const calibrations = createCalibrations(stored, modalities)
  const operations = createOperations(parts, stored)
  const { read, expireOverdue, ...verifying } = joinVerifications(parts, {
    frames: createPrismaFrames(transact, marks),
    templates,
    findRecords: inOrder(records.find),
    calibrations,
    checkEvidence: operations.checkEvidence,
  })
  return {
    useCases: {
      enroll: createEnrollBiometric({ records, modalities, policy, now }),
      renew: createRenewBiometric({ records: { ...records, ...renewals }, templates, modalities, policy, now }),
      deactivate: createDeactivateBiometric({ records, now }),
      remove: createDeleteBiometric({ records, now }),
      ...verifying,
      verifyOnce: createVerifyOnce(verifying),
      ...operations.useCases,
    },
    readers: {
      records: records.find,
      sessions: read,
      recordPage: records.page,
      calibrations,
      anySession: async (id) => (await read([id], null))[0] ?? null,
      ...operations.readers,
    },
    expireOverdue,
  }
}

type SubmitParts = Parameters<typeof createSubmitFrame>[0]

interface VerificationParts extends Pick<SubmitParts, 'templates' | 'findRecords' | 'checkEvidence'> {
  readonly frames: SubmitParts['verifications']
  readonly calibrations: Calibrations
}

/** What begins, carries on and ends a verification. */
function joinVerifications(parts: UseCaseParts, { frames, ...around }: VerificationParts) {
  const { prisma, transact, policies, modalities, now } = parts
  const { policy } = parts.config
  const verifications = createPrismaVerifications(prisma, transact)
  const findFused = createFindFusedCalibration(around.calibrations)
  const read = createReadVerifications({ verifications, now })
  return {
    read,
    start: createStartVerification({
      ...around,
      verifications,
      choosePolicy: createChoosePolicy({ policies, defaults: parts.defaultPolicies, floor: policy }),
      modalities,
      findFused,
      failures: policy.failures,
      now,
    }),
    submit: createSubmitFrame({
      ...around,
      verifications: frames,
      findFused,
      readTerms: async ({ policyId }) => (policyId === null ? [] : await policies.find([policyId]))[0] ?? policy,
      read,
      modalities,
      policy,
      now,
    }),
    cancel: createCancelVerification({ verifications, read, now }),
    expireOverdue: createExpireOverdue({ verifications, now }),
  }
}

/** What a reader finds, in the order of the ids. */
function inOrder<Item extends { readonly id: string }>(
  find: (ids: readonly string[], userId: string) => Promise<readonly Item[]>,
) {
  return async (ids: readonly string[], userId: string): Promise<readonly Item[]> => {
    const found = new Map((await find(ids, userId)).map((item) => [item.id, item]))
    return ids.flatMap((id) => found.get(id) ?? [])
  }
}
