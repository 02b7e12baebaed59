import type { Principal } from '../../../platform/identity/principal.js'
import type { Origin } from '../domain/origin.js'

/** Where a request comes from, as its access token says. */
export function originOf({ sessionId, claims }: Principal): Origin {
  const { acr, auth_time: at } = claims
  return { deviceId: sessionId, twoFactorsAt: acr === 'aal2' && typeof at === 'number' ? new Date(at * 1000) : null }
}
