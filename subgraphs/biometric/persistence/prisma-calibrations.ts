import type { StoredCalibration, StoredCalibrations } from '../domain/calibrations/stored-calibrations.js'
import type { MeasuredCalibration as Row } from '../generated/prisma/client.js'
import type { BiometricPrisma } from './biometric-prisma.js'

/** Imported calibrations: added, read and withdrawn, never changed and never deleted. */
export function createPrismaCalibrations(prisma: BiometricPrisma): StoredCalibrations {
  const { measuredCalibration: table } = prisma
  return {
    async newestVersion({ modality, algorithm, modelVersion }) {
      const row = await table.findFirst({
        where: { modality, algorithm, modelVersion, withdrawnAt: null },
        orderBy: [{ importedAt: 'desc' }, { version: 'desc' }],
        select: { version: true },
      })
      return row?.version ?? null
    },
    async find(version) {
      const row = await table.findUnique({ where: { version } })
      return row && toCalibration(row)
    },
    async list({ modality, modelVersion }) {
      const rows = await table.findMany({
        where: { ...(modality !== undefined && { modality }), ...(modelVersion !== undefined && { modelVersion }) },
        orderBy: [{ importedAt: 'desc' }, { version: 'desc' }],
      })
      return rows.map(toCalibration)
    },
    async add({ scores, ...facts }) {
      const { thresholds, falseMatches, falseNonMatches, ...trials } = scores
      const counts = {
        thresholds: [...thresholds],
        falseMatches: [...falseMatches],
        falseNonMatches: [...falseNonMatches],
      }
      const { count } = await table.createMany({ data: { ...facts, ...trials, ...counts }, skipDuplicates: true })
      return count === 1
    },
    async withdraw(version, now) {
      await table.updateMany({ where: { version, withdrawnAt: null }, data: { withdrawnAt: now } })
      const row = await table.findUnique({ where: { version } })
      return row && toCalibration(row)
    },
  }
}

function toCalibration(row: Row): StoredCalibration {
  const { thresholds, falseMatches, falseNonMatches, genuineTrials, impostorTrials, ...facts } = row
  return { ...facts, scores: { thresholds, falseMatches, falseNonMatches, genuineTrials, impostorTrials } }
}
