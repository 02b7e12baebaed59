import { LRUCache } from 'lru-cache'
import { AppError } from '../../../../platform/errors/app-error.js'
import type { BiometricType } from '../biometric-record.js'
import type { Calibration } from '../calibration.js'
import type { Modalities, Modality } from '../modality.js'
import { factsOfShipped, factsOfStored, type CalibrationFacts } from './calibration-facts.js'
import { evaluateCalibration, type CalibrationEvaluation, type EvaluationRequest } from './evaluate-calibration.js'
import { createMeasuredCalibration } from './measured-calibration.js'
import type { StoredCalibration, StoredCalibrations } from './stored-calibrations.js'

/** Which calibration decisions follow. */
export interface Calibrations {
  /** The one for samples of a model, as it is now: its own, or what ships. */
  inForce(modality: Modality, modelVersion: string): Promise<Calibration>
  /** By its version; null where there is none. */
  find(version: string): Promise<Calibration | null>
}

export interface CalibrationReports {
  list(filter: { modality?: BiometricType | undefined; modelVersion?: string | undefined }): Promise<CalibrationFacts[]>
  /** Null where there is none of the version. Throws VAL_VALIDATION_FAILED for false match rates it can't state. */
  evaluate(
    version: string,
    at: Pick<EvaluationRequest, 'thresholds' | 'falseMatchRates'>,
  ): Promise<(CalibrationEvaluation & { readonly calibration: CalibrationFacts }) | null>
}

const MOST_KEPT = 200 // some kilobytes each

/** What is stored beside what ships. Calibrations never change, so that those in use are kept. */
export function createCalibrations(
  stored: StoredCalibrations,
  modalities: Modalities,
): Calibrations & CalibrationReports {
  const shipped = new Map([...modalities.values()].map((modality) => [modality.calibration.version, modality]))
  const kept = new LRUCache<string, Calibration>({ max: MOST_KEPT })
  const keep = ({ version, scores }: StoredCalibration): Calibration => {
    const calibration = kept.get(version) ?? createMeasuredCalibration(version, scores)
    kept.set(version, calibration)
    return calibration
  }
  const find = async (version: string): Promise<Calibration | null> => {
    const known = shipped.get(version)?.calibration ?? kept.get(version)
    if (known !== undefined) return known
    const found = await stored.find(version)
    return found && keep(found)
  }
  return {
    find,
    async inForce({ type: modality, algorithm, calibration }, modelVersion) {
      const version = await stored.newestVersion({ modality, algorithm, modelVersion })
      return (version === null ? null : await find(version)) ?? calibration
    },
    async list(filter) {
      const ships = [...shipped.values()].filter(({ type }) => (filter.modality ?? type) === type)
      return [...ships.map(factsOfShipped), ...(await stored.list(filter)).map(factsOfStored)]
    },
    async evaluate(version, at) {
      const ships = shipped.get(version)
      if (ships !== undefined) {
        const { calibration } = ships
        requireStated(calibration, at.falseMatchRates)
        return { calibration: factsOfShipped(ships), ...evaluateCalibration({ calibration, scores: null, ...at }) }
      }
      const found = await stored.find(version)
      if (found === null) return null
      const request = { calibration: keep(found), scores: found.scores, ...at }
      requireStated(request.calibration, at.falseMatchRates)
      return { calibration: factsOfStored(found), ...evaluateCalibration(request) }
    },
  }
}

function requireStated({ leastFalseMatchRate }: Calibration, rates: readonly number[]): void {
  if (rates.every((rate) => rate >= leastFalseMatchRate && rate < 0.5)) return
  const reason = `must be from ${leastFalseMatchRate.toPrecision(3)}, the least this one can state, to below 0.5`
  throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'falseMatchRates', reason }] })
}
