import { AppError } from '../../../../platform/errors/app-error.js'
import { requireModality, type Modalities } from '../modality.js'
import { factsOfStored, type CalibrationFacts } from './calibration-facts.js'
import { createMeasuredCalibration } from './measured-calibration.js'
import { faultOfScores, type MeasuredScores } from './measured-scores.js'
import { equalErrorRateOf } from './score-table.js'
import type { CalibrationSubject, StoredCalibrations } from './stored-calibrations.js'

export interface CalibrationImport extends CalibrationSubject {
  readonly version: string
  readonly description: string
  readonly scores: MeasuredScores
  /** The input field the scores came in. */
  readonly source: 'samples' | 'table'
}

interface ImportParts {
  readonly stored: StoredCalibrations
  readonly modalities: Modalities
  readonly now: () => Date
}

/** Three for each hundredth, below which no rate is of use. */
const LEAST_IMPOSTORS = 300
/** As many as tell one person from strangers at all: an equal error rate to a tenth. */
const LEAST_GENUINE = 30

/** Prefixes of what ships. */
const SHIPPED = /^(theory|nominal)-/

/**
 * Keeps a trial's scores as the calibration of its model. Throws VAL_VALIDATION_FAILED that names what is wrong with the scores, and
 * RES_ALREADY_EXISTS for a version that was used before.
 */
export function createImportCalibration({ stored, modalities, now }: ImportParts) {
  return async ({ source, ...given }: CalibrationImport): Promise<CalibrationFacts> => {
    const { algorithm } = requireModality(modalities, given.modality)
    if (given.algorithm !== algorithm) {
      throw fault('algorithm', `must be ${algorithm}, by which this service compares ${given.modality}`)
    }
    if (SHIPPED.test(given.version)) throw fault('version', 'must not begin as those that ship do')
    requireFitScores(given.scores, source)
    const calibration = { ...given, importedAt: now(), withdrawnAt: null }
    if (!(await stored.add(calibration))) {
      throw new AppError('RES_ALREADY_EXISTS', {
        message: 'There is a calibration of this version: choose another name.',
      })
    }
    return factsOfStored(calibration)
  }
}

/** No verification begins by it any more. Throws RES_NOT_FOUND. */
export function createWithdrawCalibration({ stored, now }: Pick<ImportParts, 'stored' | 'now'>) {
  return async (version: string): Promise<CalibrationFacts> => {
    const withdrawn = await stored.withdraw(version, now())
    if (withdrawn === null) throw new AppError('RES_NOT_FOUND')
    return factsOfStored(withdrawn)
  }
}

function requireFitScores(scores: MeasuredScores, source: string): void {
  const { genuineTrials, impostorTrials } = scores
  if (impostorTrials < LEAST_IMPOSTORS) {
    throw fault(source, `must have at least ${LEAST_IMPOSTORS} impostor trials: to state a rate takes 3 divided by it`)
  }
  if (genuineTrials < LEAST_GENUINE) throw fault(source, `must have at least ${LEAST_GENUINE} genuine trials`)
  const wrong = faultOfScores(scores)
  if (wrong !== null) throw fault(`${source}.${wrong.field}`, wrong.reason)
  const equal = equalErrorRateOf(createMeasuredCalibration('candidate', scores).table())
  if (equal.rate >= 0.4) {
    throw fault(
      source,
      'must have higher scores for one person than for strangers: these hardly differ, or are swapped',
    )
  }
}

function fault(field: string, reason: string): AppError {
  return new AppError('VAL_VALIDATION_FAILED', { details: [{ field: `input.${field}`, reason }] })
}
