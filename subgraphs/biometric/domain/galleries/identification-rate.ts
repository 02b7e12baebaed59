/**
 * The false match rate at which a comparison with one record has to be decided, so that of samples of people who are in a gallery
 * of `size` records not at all, a share of `falsePositiveIdentificationRate` gets any candidate: 1 - (1 - FPIR)^(1/N), from
 * FPIR = 1 - (1 - FMR)^N for independent comparisons (ISO/IEC 19795-1:2021; NIST IR 8271). Exact where N is large and the rate
 * tiny. An empty gallery is taken for one record.
 */
export function falseMatchRateFor(falsePositiveIdentificationRate: number, size: number): number {
  return -Math.expm1(Math.log1p(-falsePositiveIdentificationRate) / Math.max(1, size))
}
