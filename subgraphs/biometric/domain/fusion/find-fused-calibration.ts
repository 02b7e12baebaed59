import { LRUCache } from 'lru-cache'
import type { Calibrations } from '../calibrations/find-calibrations.js'
import { createFusedCalibration, type FusedCalibration } from './fused-calibration.js'

const MOST_KEPT = 50 // some hundred kilobytes each

/** A fused calibration by its version, those of its parts joined by `+`; null where one of them is none. Those in use are kept. */
export function createFindFusedCalibration(calibrations: Pick<Calibrations, 'find'>) {
  const kept = new LRUCache<string, FusedCalibration>({ max: MOST_KEPT })
  return async (version: string): Promise<FusedCalibration | null> => {
    const known = kept.get(version)
    if (known !== undefined) return known
    const parts = await Promise.all(version.split('+').map((part) => calibrations.find(part)))
    const found = parts.filter((part) => part !== null)
    if (found.length < parts.length) return null
    const fused = createFusedCalibration(found)
    kept.set(version, fused)
    return fused
  }
}

export type FindFusedCalibration = ReturnType<typeof createFindFusedCalibration>
