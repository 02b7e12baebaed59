import DataLoader from 'dataloader'
import type { SubgraphContext } from '../../platform/graphql/subgraph-context.js'
import type { BiometricRecord, BiometricType } from './domain/biometric-record.js'
import type { NewPolicy } from './domain/define-policy.js'
import type { Enrolment } from './domain/enroll-biometric.js'
import type { Policy } from './domain/policy.js'
import type { RenewalRequest } from './domain/renew-biometric.js'
import type { SingleVerification } from './domain/verify-once.js'
import type { VerificationStart } from './domain/start-verification.js'
import type { Frame } from './domain/submit-frame.js'
import type { CalibrationFacts } from './domain/calibrations/calibration-facts.js'
import type { CalibrationReports } from './domain/calibrations/find-calibrations.js'
import type { CalibrationImport } from './domain/calibrations/import-calibration.js'
import type { Comparison, VerificationSession } from './domain/verification-session.js'
import type { CaptureDevice } from './domain/evidence/capture-device.js'
import type { createManageDevices } from './domain/evidence/manage-devices.js'
import type { createManageWebhooks } from './domain/webhooks/manage-webhooks.js'
import type { Webhook } from './domain/webhooks/webhook.js'
import type { Galleries } from './open-galleries.js'

/** What the service can do, whoever asks. */
export interface BiometricUseCases {
  enroll(enrolment: Enrolment): Promise<BiometricRecord>
  renew(renewal: RenewalRequest): Promise<BiometricRecord>
  deactivate(recordId: string, userId: string): Promise<BiometricRecord>
  remove(recordId: string, userId: string): Promise<string>
  start(start: VerificationStart): Promise<VerificationSession>
  submit(frame: Frame): Promise<VerificationSession>
  cancel(sessionId: string, userId: string): Promise<VerificationSession>
  verifyOnce(verification: SingleVerification): Promise<VerificationSession>
  liftLimits(userId: string, administratorId: string): Promise<boolean>
  definePolicy(policy: NewPolicy): Promise<Policy>
  retirePolicy(name: string): Promise<Policy>
  readonly devices: ReturnType<typeof createManageDevices>
  readonly webhooks: ReturnType<typeof createManageWebhooks>
  importCalibration(trial: CalibrationImport): Promise<CalibrationFacts>
  withdrawCalibration(version: string): Promise<CalibrationFacts>
}

/** What can be read of a user's own. */
export interface BiometricReaders {
  records(ids: readonly string[], userId: string): Promise<readonly BiometricRecord[]>
  sessions(ids: readonly string[], userId: string): Promise<readonly VerificationSession[]>
  hasConsent(userId: string): Promise<boolean>
  /** Newest first. */
  captureDevices(most: number): Promise<readonly CaptureDevice[]>
  /** Newest first. */
  webhooks(most: number): Promise<readonly Webhook[]>
  /** Newest first. */
  recordPage(page: {
    readonly userId: string
    readonly type?: BiometricType | undefined
    readonly after?: { readonly enrolledAt: Date; readonly id: string } | undefined
    readonly limit: number
  }): Promise<readonly BiometricRecord[]>
  /** The newest version of every policy, by name. */
  policies(): Promise<readonly Policy[]>
  /** In any order. */
  policiesById(ids: readonly string[]): Promise<readonly Policy[]>
  readonly calibrations: CalibrationReports
  /** Whoever's it is. */
  anySession(id: string): Promise<VerificationSession | null>
  /** Of anybody's sessions, in any order. */
  comparisons(sessionIds: readonly string[]): Promise<readonly Comparison[]>
}

export interface BiometricContext extends SubgraphContext {
  readonly useCases: BiometricUseCases
  readonly readers: BiometricReaders
  readonly galleries: Galleries
  /** By id (a UUID), within this request; null for what is missing, another's, or asked for without `biometric:read`. */
  readonly loaders: {
    readonly record: DataLoader<string, BiometricRecord | null>
    readonly session: DataLoader<string, VerificationSession | null>
    /** A version of a policy by its id, whoever asks: terms are about nobody. */
    readonly policy: DataLoader<string, Policy | null>
    /** By a session's id; null for whoever may not know scores. */
    readonly comparison: DataLoader<string, Comparison | null>
    /** By a user's id: the newest of their records, null for anybody but the caller. */
    readonly recordsOf: DataLoader<string, readonly BiometricRecord[] | null>
  }
}

const MOST_RECORDS_OF_USER = 100 // a page; `biometricRecords` of Query goes on from there

/** The context of one request: loaders batch within it and know only what its principal may see. */
export function createBiometricContext(
  base: SubgraphContext,
  parts: Pick<BiometricContext, 'useCases' | 'readers' | 'galleries'>,
): BiometricContext {
  const { records, sessions, recordPage, policiesById, comparisons } = parts.readers
  const knowsScores = base.principal?.permissions.has('biometric:admin') === true
  const reader = base.principal?.permissions.has('biometric:read') === true ? base.principal.userId : null
  const recordsOf = new DataLoader<string, readonly BiometricRecord[] | null>(async (userIds) => {
    const own = reader !== null && userIds.includes(reader)
    const page = own ? await recordPage({ userId: reader, limit: MOST_RECORDS_OF_USER }) : null
    return userIds.map((userId) => (userId === reader ? page : null))
  })
  return {
    ...base,
    ...parts,
    loaders: {
      record: ownLoader(reader, records),
      session: ownLoader(reader, sessions),
      policy: loaderById(policiesById),
      comparison: loaderById(async (ids) => (knowsScores ? comparisons(ids) : [])),
      recordsOf,
    },
  }
}

function ownLoader<Item extends { readonly id: string }>(
  reader: string | null,
  find: (ids: readonly string[], userId: string) => Promise<readonly Item[]>,
): DataLoader<string, Item | null> {
  return loaderById(async (ids) => (reader === null ? [] : find(ids, reader)))
}

function loaderById<Item extends { readonly id: string }>(
  find: (ids: readonly string[]) => Promise<readonly Item[]>,
): DataLoader<string, Item | null> {
  return new DataLoader<string, Item | null>(async (ids) => {
    const byId = new Map((await find(ids)).map((item) => [item.id, item]))
    return ids.map((id) => byId.get(id) ?? null)
  })
}
