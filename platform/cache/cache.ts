/**
 * The port of the shared cache and its counters. In: keys `<kind>:<id>` and strings. Out: what was stored, until its time
 * is up. Every method throws CacheUnavailableError at once (never after a queue) when the engine is away: callers choose
 * between going on without and refusing.
 */
export interface Cache {
  readonly engine: 'redis' | 'in-process'
  get(key: string): Promise<string | null>
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** True for the one caller that stored it. */
  setIfAbsent(key: string, value: string, ttlMs: number): Promise<boolean>
  delete(key: string): Promise<void>
  /** Adds one atomically and returns the sum. The time to live starts with the first call and is not extended. */
  increment(key: string, ttlMs: number): Promise<number>
  /** Resolves when the engine answers, within 1 s. */
  check(): Promise<void>
  close(): Promise<void>
}

export class CacheUnavailableError extends Error {
  constructor(options?: { cause?: unknown }) {
    super('The cache is not available.', options)
    this.name = 'CacheUnavailableError'
  }
}
