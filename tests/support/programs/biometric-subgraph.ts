/**
 * A process that runs the biometric service on NATS until it is killed: tests kill it. Its one argument says on what, as JSON.
 * It tells its port to whoever has begun it, and then puts its clock forward by every number it is told, and answers with it.
 */
import { createLocalJWKSet } from 'jose'
import { createInProcessCache } from '../../../platform/cache/in-process-cache.js'
import { createAccessTokenVerifier } from '../../../platform/identity/access-token-verifier.js'
import { createLogger } from '../../../platform/log/logger.js'
import { defaultMatching, defaultSearch } from '../../../subgraphs/biometric/config.js'
import { defaultPolicy, type VerificationPolicy } from '../../../subgraphs/biometric/domain/policy.js'
import { openBiometricService } from '../../../subgraphs/biometric/service.js'
import { openSigningKeys, type SigningKey } from '../../../subgraphs/auth/tokens/signing-keys.js'
import { connectTestBus } from '../nats-namespace.js'

export interface BiometricProgramArgument {
  readonly databaseUrl: string
  readonly natsUrl: string
  readonly namespace: string
  readonly tokens: { readonly issuer: string; readonly audience: string; readonly signingKeys: readonly SigningKey[] }
  /** Base64. */
  readonly masterKey: string
  readonly policy: Partial<VerificationPolicy>
}

const { tokens, ...argument }: BiometricProgramArgument = JSON.parse(process.argv[2] ?? '')
const { issuer, audience } = tokens
const { publicSet } = await openSigningKeys(tokens.signingKeys)
let aheadMs = 0
const service = await openBiometricService(
  {
    http: { host: '127.0.0.1', port: 0 },
    masterKeys: { keys: { k1: new Uint8Array(Buffer.from(argument.masterKey, 'base64')) }, currentKeyId: 'k1' },
    policy: { ...defaultPolicy, ...argument.policy },
    sweepEveryMs: 100,
    matching: { ...defaultMatching, threads: 1 },
    search: { ...defaultSearch, memoryBytes: 32 * 1_048_576 },
    callbacks: { allowedNetworks: [], authorities: null, everyMs: 3_600_000 },
  },
  {
    databaseUrl: argument.databaseUrl,
    databasePoolSize: 5,
    bus: await connectTestBus(argument.natsUrl, argument.namespace),
    cache: createInProcessCache(),
    verifier: createAccessTokenVerifier({ issuer, audience, keys: createLocalJWKSet({ keys: [...publicSet.keys] }) }),
    logger: createLogger({ service: 'biometric', level: 'silent' }),
  },
  { now: () => new Date(Date.now() + aheadMs) },
)
process.on('message', (ms) => {
  aheadMs += Number(ms)
  process.send?.(ms)
})
process.send?.(service.port)
