/** What a run of requests came to. Times in milliseconds. */
export interface LoadResult {
  readonly count: number
  readonly perSecond: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** The value below which a share of the samples lies (nearest rank). `sorted` ascending. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

/** Sums up samples taken over a time. */
export function summarise(samples: readonly number[], elapsedMs: number): LoadResult {
  const sorted = [...samples].sort((a, b) => a - b)
  return {
    count: sorted.length,
    perSecond: (sorted.length * 1_000) / elapsedMs,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
  }
}

export interface LoadOptions {
  /** How many requests are under way at any time: a closed loop. */
  readonly connections: number
  readonly durationMs: number
  /** One request; rejects when the answer is not the expected one, which ends the run. */
  readonly once: () => Promise<void>
}

/** Keeps `connections` requests under way for a time and sums up how long each took. */
export async function runLoad({ connections, durationMs, once }: LoadOptions): Promise<LoadResult> {
  const samples: number[] = []
  const started = performance.now()
  const worker = async () => {
    while (performance.now() - started < durationMs) {
      const before = performance.now()
      await once()
      samples.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return summarise(samples, performance.now() - started)
}

/** The middle of some numbers; of an even count the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
