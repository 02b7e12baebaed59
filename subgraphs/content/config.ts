import { z } from 'zod'
import { portNumber, readEnvironment } from '../../platform/config/read-config.js'

export interface ContentConfig {
  readonly http: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
  }
}

const variables = z.object({
  CONTENT_HOST: z.string().default('0.0.0.0'),
  CONTENT_PORT: portNumber.default(8083),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const contentVariables = variables.shape

/** The content service's configuration from its environment. Throws ConfigError with every fault. */
export function readContentConfig(environment: Readonly<Record<string, string | undefined>>): ContentConfig {
  const { CONTENT_HOST: host, CONTENT_PORT: port } = readEnvironment('content', variables, environment)
  return { http: { host, port } }
}
