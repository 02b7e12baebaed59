import { z } from 'zod'
import { portNumber, readEnvironment } from '../../platform/config/read-config.js'

export interface UserConfig {
  readonly http: {
    readonly host: string
    /** 0 takes any free port. */
    readonly port: number
  }
}

const variables = z.object({
  USER_HOST: z.string().default('0.0.0.0'),
  USER_PORT: portNumber.default(8082),
})

/** The variables this process reads, with their schema: `.env.example` is held equal to it. */
export const userVariables = variables.shape

/** The user service's configuration from its environment. Throws ConfigError with every fault. */
export function readUserConfig(environment: Readonly<Record<string, string | undefined>>): UserConfig {
  const { USER_HOST: host, USER_PORT: port } = readEnvironment('user', variables, environment)
  return { http: { host, port } }
}
