import { createRemoteJWKSet, customFetch as joseFetch, type JWTVerifyGetKey } from 'jose'
import { allowInsecureRequests, customFetch, discovery, type Configuration } from 'openid-client'
import { clientAuthentication } from './client-authentication.js'
import { createProviderFetch } from './provider-fetch.js'
import type { ProviderSettings } from './provider-settings.js'

/** A provider as it describes itself (OpenID Connect Discovery 1.0). */
export interface DiscoveredProvider {
  readonly configuration: Configuration
  readonly keys: JWTVerifyGetKey
}

const FRESH_MS = 3_600_000
const STALE_MS = 86_400_000 // endpoints hardly ever move: an outage of the metadata alone keeps nobody out
const PAUSE_MS = 5_000 // between tries while it is away: many who wait ask once
const TIMEOUT_SECONDS = 5

/**
 * Asks a provider for its metadata when it is needed first, and again after an hour. Throws while it can not be had, for this
 * provider alone.
 */
export function createDiscovery(settings: ProviderSettings, now: () => Date): () => Promise<DiscoveredProvider> {
  let known: { readonly provider: DiscoveredProvider; readonly at: number } | undefined
  let failed: { readonly error: unknown; readonly at: number } | undefined
  let underWay: Promise<DiscoveredProvider> | undefined

  const discoverNow = async (): Promise<DiscoveredProvider> => {
    const at = now().getTime()
    try {
      if (failed !== undefined && at - failed.at < PAUSE_MS) throw failed.error
      const provider = await discover(settings, now)
      known = { provider, at }
      failed = undefined
      return provider
    } catch (error) {
      failed ??= { error, at }
      if (at - failed.at >= PAUSE_MS) failed = { error, at }
      if (known !== undefined && at - known.at < STALE_MS) return known.provider
      throw error
    }
  }
  return async () => {
    if (known !== undefined && now().getTime() - known.at < FRESH_MS) return known.provider
    underWay ??= discoverNow().finally(() => (underWay = undefined))
    return underWay
  }
}

async function discover(settings: ProviderSettings, now: () => Date): Promise<DiscoveredProvider> {
  const { issuer, clientId } = settings
  const ask = createProviderFetch(issuer)
  const configuration = await discovery(new URL(issuer), clientId, {}, clientAuthentication(settings, now), {
    timeout: TIMEOUT_SECONDS,
    [customFetch]: (url, { body, ...options }) =>
      ask(url, { ...options, body: body instanceof Uint8Array ? new Uint8Array(body) : (body ?? null) }),
    execute: issuer.startsWith('http:') ? [allowInsecureRequests] : [],
  })
  const { jwks_uri: keys } = configuration.serverMetadata()
  if (keys === undefined) throw new TypeError('The provider publishes no keys.')
  return {
    configuration,
    // no cooldown: only tokens that the provider itself hands out lead to a search for their key
    keys: createRemoteJWKSet(new URL(keys), {
      cooldownDuration: 0,
      timeoutDuration: TIMEOUT_SECONDS * 1000,
      [joseFetch]: (url, options) => ask(url, options),
    }),
  }
}
