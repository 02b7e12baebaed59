import type { Express } from 'express'
import type { SigningKeys } from './signing-keys.js'

/** Verifiers ask again at once for a key they don't know; that a key was revoked they hear over the bus. */
const CACHE_SECONDS = 300

/** GET /.well-known/jwks.json: the public keys (RFC 7517 section 8.5). */
export function serveJwks(app: Express, keys: Pick<SigningKeys, 'publicSet'>): void {
  app.get('/.well-known/jwks.json', (_req, res) => {
    res
      .set('cache-control', `public, max-age=${CACHE_SECONDS}`)
      .type('application/jwk-set+json')
      .send(JSON.stringify(keys.publicSet))
  })
}
