import type { TokenEndSource } from '../platform/identity/token-end-source.js'
import { sessionEnded } from '../schema/contracts/session-ended.js'
import { keyRevoked } from '../schema/contracts/key-revoked.js'
import { tokensEnded } from '../schema/contracts/tokens-ended.js'

/** How this house tells that access tokens end before their time. */
export const tokenEnds: readonly TokenEndSource[] = [
  { subject: sessionEnded.subject(), field: 'sessionId', claim: 'sid' },
  { subject: tokensEnded.subject(), field: 'holderId', claim: 'sub' },
  { subject: keyRevoked.subject(), field: 'keyId', claim: 'kid' },
]
