/** A process that runs the auth service until it is killed: tests kill it. Its one argument says on what, as JSON; it writes its port. */
import { createInProcessBus } from '../../../platform/bus/in-process-bus.js'
import { createInProcessCache } from '../../../platform/cache/in-process-cache.js'
import {
  createAccessTokenVerifier,
  type AccessTokenVerifier,
} from '../../../platform/identity/access-token-verifier.js'
import { createLogger } from '../../../platform/log/logger.js'
import { openAuthService } from '../../../subgraphs/auth/service.js'
import { audience, issuer, testAuthConfig } from '../auth-config.js'
import { createSigningKey } from '../test-tokens.js'

export interface AuthProgramArgument {
  readonly databaseUrl: string
  readonly smsUrl: string
  /** How far its clock is ahead of the machine's. */
  readonly aheadMs: number
}

const { databaseUrl, smsUrl, aheadMs }: AuthProgramArgument = JSON.parse(process.argv[2] ?? '')
const logger = createLogger({ service: 'auth', level: 'silent' })
const config = testAuthConfig({
  ...{
    needsConfirmation: false,
    superadmins: [],
    smtpUrl: null,
    smsUrl,
    mostSmsADay: 100,
    passkeyOrigins: [],
    providers: [],
  },
  signingKeys: [await createSigningKey()],
  argon2Iterations: 1,
})
const served: { keys?: AccessTokenVerifier } = {}
const verifier: AccessTokenVerifier = {
  verify: (token) => served.keys?.verify(token) ?? Promise.reject(new Error('Auth does not listen yet.')),
}
const engines = { databaseUrl, databasePoolSize: 5, bus: createInProcessBus({ logger }), cache: createInProcessCache() }
const service = await openAuthService(config, { ...engines, verifier, logger }, () => new Date(Date.now() + aheadMs))
served.keys = createAccessTokenVerifier({
  issuer,
  audience,
  keys: new URL(`http://127.0.0.1:${service.port}/.well-known/jwks.json`),
})
process.stdout.write(`${service.port}\n`)
