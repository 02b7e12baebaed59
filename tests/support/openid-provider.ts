/**
 * An identity provider of another house on this machine: a real OpenID provider with its own keys. In: who has an account
 * there, who is at the keyboard. Out: its issuer, and a browser that goes to an address and comes back with parameters. Its
 * keys can be changed, and it can be taken away and brought back.
 */
import { createServer, type Server } from 'node:http'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type JWK } from 'oidc-provider'
import { freePort } from '../../platform/service/free-port.js'

/** What the provider knows of somebody besides the subject. */
export interface ProviderPerson {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
}

export interface StartProviderOptions {
  readonly redirectUri: string
  /** Whether it names itself in its answers (RFC 9207); it does unless told otherwise. */
  readonly namesItself?: boolean
  /** Whether who has no secret may ask too. */
  readonly isPublic?: boolean
}

export interface StartedProvider {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Accounts by subject. */
  readonly people: Map<string, ProviderPerson>
  /** Codes that were exchanged, good or not. */
  readonly exchanges: { count: number }
  /** Goes where it is sent as somebody, and comes back with these parameters; with `null` they decline. */
  visit(url: string, subject: string | null): Promise<Readonly<Record<string, string>>>
  /** New keys in place of all earlier ones. */
  rotateKeys(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
}

export async function startOpenIdProvider(options: StartProviderOptions): Promise<StartedProvider> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const [clientId, clientSecret] = ['biometrics', 'a secret of the two houses']
  const people = new Map<string, ProviderPerson>()
  const exchanges = { count: 0 }
  const atKeyboard: { subject: string | null } = { subject: null }
  const running: { server?: Server; keys: JWK[] } = { keys: [await newKey()] }

  const start = async () => {
    const provider = createProvider({ issuer, clientId, clientSecret, people, keys: running.keys, ...options })
    provider.on('grant.success', () => (exchanges.count += 1))
    provider.on('grant.error', () => (exchanges.count += 1))
    const callback = provider.callback()
    running.server = createServer((req, res) => {
      const isAtDoor = req.url?.startsWith('/interaction/') === true
      void (isAtDoor ? provider.interactionFinished(req, res, answerOf(atKeyboard.subject)) : callback(req, res))
    })
    await new Promise<void>((resolve) => running.server?.listen(port, '127.0.0.1', resolve))
  }
  const stop = async () => {
    running.server?.closeAllConnections()
    await new Promise((resolve) => (running.server ? running.server.close(resolve) : resolve(undefined)))
  }
  await start()
  return {
    issuer,
    clientId,
    clientSecret,
    people,
    exchanges,
    visit: (url, subject) => {
      atKeyboard.subject = subject
      return follow(url, options.redirectUri)
    },
    async rotateKeys() {
      await stop()
      running.keys = [await newKey()]
      await start()
    },
    stop,
    start,
  }
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), kty: 'RSA', use: 'sig', alg: 'RS256', kid: crypto.randomUUID() } as JWK
}

function answerOf(subject: string | null) {
  return subject === null
    ? { error: 'access_denied', error_description: 'They declined.' }
    : { login: { accountId: subject } }
}

interface ProviderParts extends StartProviderOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly people: ReadonlyMap<string, ProviderPerson>
  readonly keys: JWK[]
}

function createProvider(parts: ProviderParts): Provider {
  const { issuer, clientId, clientSecret, people, keys, redirectUri, namesItself = true, isPublic = false } = parts
  const provider: Provider = new Provider(issuer, {
    jwks: { keys },
    clients: [
      {
        client_id: clientId,
        redirect_uris: [redirectUri],
        ...(isPublic ? { token_endpoint_auth_method: 'none' } : { client_secret: clientSecret }),
      },
    ],
    claims: { openid: ['sub', 'auth_time'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, subject) => ({
      accountId: subject,
      claims: () => ({ sub: subject, ...people.get(subject) }),
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
    cookies: { keys: ['of a test'] },
    pkce: { required: () => true },
    async loadExistingGrant({ oidc }) {
      if (oidc.client === undefined || oidc.session?.accountId === undefined) return undefined
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  })
  if (!namesItself) {
    provider.use(async (context, next) => {
      await next()
      if (context.path === '/.well-known/openid-configuration' && typeof context.body === 'object') {
        const { authorization_response_iss_parameter_supported: _named, ...rest } = context.body
        context.body = rest
      }
    })
  }
  return provider
}

/** A browser with a jar of its own: goes on until it is sent back. */
async function follow(url: string, redirectUri: string): Promise<Readonly<Record<string, string>>> {
  const jar = new Map<string, string>()
  for (let [address, hops] = [url, 0]; hops < 10; hops += 1) {
    if (address.startsWith(redirectUri)) return Object.fromEntries(new URL(address).searchParams)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(address, { redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`The provider shows a page: ${response.status} ${await response.text()}`)
    address = new URL(location, address).href
  }
  throw new Error('The provider sends the browser in circles.')
}
