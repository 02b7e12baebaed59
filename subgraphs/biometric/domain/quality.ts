import { AppError } from '../../../platform/errors/app-error.js'

/** One piece of evidence about a sample: 0 to 100, and what a person can do when it is low. */
export interface QualityFinding {
  readonly score: number
  readonly advice: string
}

/** How good a sample is: as good as its weakest evidence. */
export interface Quality {
  /** 0 to 100. */
  readonly score: number
  readonly findings: readonly QualityFinding[]
}

export function qualityOf(findings: readonly QualityFinding[]): Quality {
  return { score: Math.min(...findings.map(({ score }) => score)), findings }
}

/** Throws VAL_VALIDATION_FAILED with the advice of every finding below the minimum. */
export function requireQuality(quality: Quality, minimum: number, field: string): void {
  if (quality.score >= minimum) return
  throw new AppError('VAL_VALIDATION_FAILED', {
    message: `The sample's quality is ${quality.score} of 100, and ${minimum} is needed: see details.`,
    details: adviceOn(quality, minimum).map((reason) => ({ field, reason })),
  })
}

/** What a person can do about every finding below the minimum; nothing where the sample is good enough. */
export function adviceOn({ findings }: Quality, minimum: number): string[] {
  return findings.filter(({ score }) => score < minimum).map(({ advice }) => advice)
}

/** A share as a score: 0 to 100, whole. */
export function percent(share: number): number {
  return Math.round(100 * Math.min(1, Math.max(0, share)))
}
