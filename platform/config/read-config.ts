import { z } from 'zod'

/** The environment does not fit: every fault at once, a line each, fit to be printed before exit 1. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(service: string, faults: readonly string[]) {
    super(
      `The configuration of ${service} is not usable:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\nSee .env.example.`,
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

/**
 * Checks the environment against a schema whose keys are the variables' names and returns the typed values. An empty
 * string counts as unset. Throws ConfigError with all faults. Values are never repeated in a fault: they may be secrets.
 */
export function readEnvironment<Shape extends z.ZodRawShape>(
  service: string,
  schema: z.ZodObject<Shape>,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, environment[name] === '' ? undefined : environment[name]]),
  )
  const parsed = schema.safeParse(present)
  if (parsed.success) return parsed.data
  throw new ConfigError(
    service,
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  )
}

/** A TCP port from text. */
export const portNumber = z.coerce.number().int().min(0).max(65_535)

/** A switch from text: `true`/`false`, `1`/`0`. */
export const flag = z.enum(['true', 'false', '1', '0']).transform((text) => text === 'true' || text === '1')
