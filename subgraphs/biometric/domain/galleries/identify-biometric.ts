/**
 * One sample against a gallery. In: who asks, which gallery, the sample. Out: the records it may be of, best first. It refuses
 * samples a gallery can't be searched for, and callers who ask too often. Every search is noted before it is made.
 */
import { AppError } from '../../../../platform/errors/app-error.js'
import type { Calibration } from '../calibration.js'
import type { Calibrations } from '../calibrations/find-calibrations.js'
import { requireModality, sampleFault, type CapturedSample, type Modalities } from '../modality.js'
import { requireQuality } from '../quality.js'
import type { Gallery, GalleryMember } from './gallery.js'
import { falseMatchRateFor } from './identification-rate.js'

export interface IdentificationTerms {
  /** How often samples of people who are not in the gallery may get a candidate. */
  readonly falsePositiveIdentificationRate: number
  /** 0 to 100; poorer samples are refused. */
  readonly minimumQuality: number
}

export interface SearchedGalleries {
  find(id: string): Promise<Gallery | null>
  /** Notes that somebody searches it, for the audit log. */
  noteSearch(galleryId: string, callerId: string, now: Date): Promise<void>
  /** Those of the records that are members and have not expired, in any order. */
  membersAmong(galleryId: string, recordIds: readonly string[], now: Date): Promise<readonly GalleryMember[]>
}

export interface GallerySearch {
  /** Everything that was committed before the call is in the answer. Best first. */
  search(
    galleryId: string,
    probe: Uint8Array,
    terms: { readonly floorFor: (size: number) => number; readonly most: number },
  ): Promise<{ readonly size: number; readonly candidates: readonly { readonly record: string }[] }>
}

export interface IdentificationRequest extends CapturedSample {
  readonly galleryId: string
  readonly callerId: string
  readonly modelVersion: string
  readonly maximumCandidates: number
}

export interface Identification {
  readonly galleryId: string
  readonly gallerySize: number
  readonly candidates: readonly (GalleryMember & { readonly rank: number })[]
  readonly falsePositiveIdentificationRate: number
  readonly falseMatchRate: number
  readonly algorithm: string
  readonly calibrationVersion: string
}

interface IdentificationParts {
  readonly galleries: SearchedGalleries
  readonly index: GallerySearch
  /** Throws RATE_LIMIT_EXCEEDED. */
  readonly claimTurn: (callerId: string) => Promise<void>
  readonly modalities: Modalities
  readonly calibrations: Pick<Calibrations, 'inForce'>
  readonly terms: IdentificationTerms
  readonly now: () => Date
}

/**
 * Throws RES_NOT_FOUND, RATE_LIMIT_EXCEEDED, VAL_VALIDATION_FAILED that names the field, and RES_CONFLICT where the model's
 * calibration states no rate as low as the gallery's size asks for.
 */
export function createIdentifyBiometric(parts: IdentificationParts) {
  return async (request: IdentificationRequest): Promise<Identification> => {
    const { galleries, index, terms, now } = parts
    const { galleryId, callerId, modelVersion, maximumCandidates, ...sample } = request
    const gallery = await galleries.find(galleryId)
    if (gallery === null) throw new AppError('RES_NOT_FOUND')
    const modality = requireModality(parts.modalities, gallery.type)
    if (modelVersion !== gallery.modelVersion)
      throw sampleFault('modelVersion', 'must be the model of the gallery’s records')
    const { template: probe, quality, field } = modality.prepare(sample)
    requireQuality(quality, terms.minimumQuality, field)
    await parts.claimTurn(callerId)
    await galleries.noteSearch(galleryId, callerId, now())
    const { falsePositiveIdentificationRate } = terms
    const calibration = await parts.calibrations.inForce(modality, gallery.modelVersion)
    const floorFor = (size: number) => thresholdFor(calibration, falsePositiveIdentificationRate, size)
    const found = await index.search(galleryId, probe, { floorFor, most: maximumCandidates })
    const members = await galleries.membersAmong(
      galleryId,
      found.candidates.map(({ record }) => record),
      now(),
    )
    const byRecord = new Map(members.map((member) => [member.recordId, member]))
    const candidates = found.candidates.flatMap(({ record }) => byRecord.get(record) ?? [])
    return {
      galleryId,
      gallerySize: found.size,
      candidates: candidates.map((member, at) => ({ ...member, rank: at + 1 })),
      falsePositiveIdentificationRate,
      falseMatchRate: falseMatchRateFor(falsePositiveIdentificationRate, found.size),
      algorithm: modality.algorithm,
      calibrationVersion: calibration.version,
    }
  }
}

function thresholdFor(calibration: Calibration, falsePositiveIdentificationRate: number, size: number): number {
  const falseMatchRate = falseMatchRateFor(falsePositiveIdentificationRate, size)
  if (falseMatchRate >= calibration.leastFalseMatchRate) return calibration.thresholdAt(falseMatchRate)
  throw new AppError('RES_CONFLICT', {
    message: `The calibration ${calibration.version} knows no threshold for ${size} records: measure it on more strangers, or search fewer.`,
  })
}
