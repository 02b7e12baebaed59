import type { z } from 'zod'
import { gatewayVariables } from '../../gateway/config.js'
import { engineVariables } from '../../platform/service/connect-engines.js'
import { aiVariables } from '../../subgraphs/ai/config.js'
import { authVariables } from '../../subgraphs/auth/config.js'
import { biometricVariables } from '../../subgraphs/biometric/config.js'
import { contentVariables } from '../../subgraphs/content/config.js'
import { userVariables } from '../../subgraphs/user/config.js'

/** The processes of the product, as docker-compose.yml names them. */
export const processNames = ['auth', 'user', 'content', 'ai', 'biometric', 'gateway'] as const
export type ProcessName = (typeof processNames)[number]

/** The variables that each process reads, with their schema. */
export const processVariables: Readonly<Record<ProcessName, z.ZodRawShape>> = {
  auth: { ...engineVariables, ...authVariables },
  user: { ...engineVariables, ...userVariables },
  content: { ...engineVariables, ...contentVariables },
  ai: { ...engineVariables, ...aiVariables },
  biometric: { ...engineVariables, ...biometricVariables },
  gateway: gatewayVariables,
}
