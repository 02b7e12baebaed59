/**
 * The auth service by itself, with accounts to sign in to. In: what is to differ from a quiet day. Out: the running subgraph,
 * whose verifier reads the keys it serves itself, a clock to move, and engines to take away. Hashing is cheap here; its real
 * parameters are the hasher's own test.
 */
import pg from 'pg'
import { z } from 'zod'
import { BusUnavailableError } from '../../platform/bus/bus.js'
import { CacheUnavailableError, type Cache } from '../../platform/cache/cache.js'
import { createAccessTokenVerifier, type AccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'
import type { Logger } from '../../platform/log/logger.js'
import { openAuthService } from '../../subgraphs/auth/service.js'
import { audience, issuer, testAuthConfig, type TestAuthOptions } from './auth-config.js'
import { startSubgraph, type Answer, type StartedSubgraph } from './start-subgraph.js'
import { createSigningKey } from './test-tokens.js'

export interface AuthWeather {
  busIsAway: boolean
  cacheIsAway: boolean
  /** How far auth's clock is ahead of the machine's. */
  aheadMs: number
  argon2Iterations: number
}

export interface StartAuthOptions extends Partial<Omit<TestAuthOptions, 'signingKeys' | 'argon2Iterations'>> {
  readonly logger?: Logger
}

export interface StartedAuth extends StartedSubgraph {
  readonly weather: AuthWeather
  readonly verifier: AccessTokenVerifier
}

export const password = 'winding gravel teapot'

export async function startAuth({
  needsConfirmation = false,
  smtpUrl = null,
  smsUrl = null,
  mostSmsADay = 1_000,
  superadmins = [],
  passkeyOrigins = [],
  providers = [],
  ...options
}: StartAuthOptions = {}): Promise<StartedAuth> {
  const weather: AuthWeather = { busIsAway: false, cacheIsAway: false, aheadMs: 0, argon2Iterations: 1 }
  const signingKeys = [await createSigningKey()]
  const served: { keys?: AccessTokenVerifier } = {}
  const verifier: AccessTokenVerifier = {
    verify: (token) => served.keys?.verify(token) ?? Promise.reject(new Error('Auth does not listen yet.')),
  }
  const subgraph = await startSubgraph({
    ...options,
    wrapBus: (bus) => ({
      ...bus,
      publish: (...given) => (weather.busIsAway ? Promise.reject(new BusUnavailableError()) : bus.publish(...given)),
    }),
    async open(engines) {
      const config = testAuthConfig({
        ...{ needsConfirmation, smtpUrl, smsUrl, mostSmsADay, superadmins, passkeyOrigins, providers, signingKeys },
        argon2Iterations: weather.argon2Iterations,
      })
      const cache = failing(engines.cache, () => weather.cacheIsAway)
      const now = () => new Date(Date.now() + weather.aheadMs)
      const service = await openAuthService(config, { ...engines, cache, verifier }, now)
      const keys = new URL(`http://127.0.0.1:${service.port}/.well-known/jwks.json`)
      served.keys = createAccessTokenVerifier({ issuer, audience, keys })
      return service
    },
  })
  return Object.defineProperties(subgraph, {
    weather: { value: weather },
    verifier: { value: verifier },
  }) as StartedAuth
}

function failing(cache: Cache, isAway: () => boolean): Cache {
  const unless = <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) => {
    return (...given: Given) => (isAway() ? Promise.reject(new CacheUnavailableError()) : work(...given))
  }
  return {
    ...cache,
    get: unless(cache.get),
    set: unless(cache.set),
    setIfAbsent: unless(cache.setIfAbsent),
    delete: unless(cache.delete),
    increment: unless(cache.increment),
  }
}

/** What stands in auth's database. */
export async function rowsOf(auth: StartedAuth, sql: string, values: unknown[] = []) {
  const client = new pg.Client({ connectionString: auth.engines.databaseUrl })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

export function codes(answer: Answer): readonly string[] {
  return answer.errors.map(({ extensions }) => extensions.code)
}

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { email message } }'
const PAIR = `fragment pair on AuthPayload {
  accessToken expiresIn refreshToken refreshTokenExpiresAt
  session { id current userAgent ipAddress createdAt lastSeenAt expiresAt }
  user { id email role lastLoginAt createdAt }
}`
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { ...pair } } ${PAIR}`
const REFRESH = `mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) { ...pair } } ${PAIR}`

const session = z.object({
  id: z.string(),
  current: z.boolean(),
  userAgent: z.string().nullable(),
  ipAddress: z.string().nullable(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
})

const signIn = z.object({
  accessToken: z.string(),
  expiresIn: z.number(),
  refreshToken: z.string(),
  refreshTokenExpiresAt: z.string(),
  session,
  user: z.object({
    id: z.string(),
    email: z.string().nullable(),
    role: z.string().nullable(),
    lastLoginAt: z.string().nullable(),
    createdAt: z.string().nullable(),
  }),
})

export type AnsweredSignIn = z.output<typeof signIn>

/** The pair of tokens a `login` or `refreshToken` was answered with. Throws when it was refused. */
export function signInOf({ data, errors }: Answer): AnsweredSignIn {
  if (errors.length > 0) throw new Error(`Refused: ${JSON.stringify(errors)}`)
  return signIn.parse(data?.['login'] ?? data?.['refreshToken'])
}

const receipt = z.object({ register: z.object({ email: z.string(), message: z.string() }) })

/** What a registration was answered with. Throws when it was refused. */
export function receiptOf({ data }: Answer): { readonly email: string; readonly message: string } {
  return receipt.parse(data).register
}

/** What a person does at the door. */
export function visitor(auth: Pick<StartedAuth, 'ask'>) {
  const login = (email: string, tried = password) => auth.ask(LOGIN, { input: { email, password: tried } })
  const register = (input: Record<string, unknown>) =>
    auth.ask(REGISTER, { input: { password, name: 'Ada', ...input } })
  return {
    register,
    login,
    refresh: (refreshToken: string) => auth.ask(REFRESH, { input: { refreshToken } }),
    /** Somebody new, with an account. */
    async newcomer() {
      const email = `person-${crypto.randomUUID()}@example.com`
      receiptOf(await register({ email }))
      return { email, signIn: async () => signInOf(await login(email)) }
    },
  }
}
