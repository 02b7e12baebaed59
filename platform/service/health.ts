import type { Express } from 'express'

export interface HealthCheck {
  /** Resolves when the part works; rejects otherwise. */
  readonly check: () => Promise<void>
  /** `down` takes the service out of rotation (503); `degraded` only tells. */
  readonly whenFailing: 'down' | 'degraded'
}

export type HealthChecks = Readonly<Record<string, HealthCheck>>

type Status = 'up' | 'degraded' | 'down'

const CHECK_TIMEOUT_MS = 1_000 // probes come every 5 s; a check that hangs is a check that fails

/**
 * `/health`: the process lives, always 200. `/ready`: it can do its work; 503 only when a part it can't do without is
 * down. Messages name the part, never an address.
 */
export function addHealthRoutes(app: Express, checks: HealthChecks): void {
  app.get('/health', (_req, res) => {
    res.json({ status: 'up', timestamp: new Date().toISOString() })
  })
  app.get('/ready', async (_req, res) => {
    const results = await Promise.all(Object.entries(checks).map(([name, check]) => run(name, check)))
    const statuses = results.map(([, result]) => result.status)
    const status: Status = statuses.includes('down') ? 'down' : statuses.includes('degraded') ? 'degraded' : 'up'
    res.status(status === 'down' ? 503 : 200)
    res.json({ status, timestamp: new Date().toISOString(), checks: Object.fromEntries(results) })
  })
}

async function run(name: string, { check, whenFailing }: HealthCheck) {
  const started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), CHECK_TIMEOUT_MS)
  })
  const failed = await Promise.race([check(), timeout]).then(
    () => false,
    () => true,
  )
  clearTimeout(timer)
  const duration_ms = Math.round(performance.now() - started)
  const status: Status = failed ? whenFailing : 'up'
  return [name, { status, duration_ms, ...(failed && { message: `${name} does not answer` }) }] as const
}
