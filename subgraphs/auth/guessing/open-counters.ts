/** What is counted to be limited, and how often it may be. Each counts by itself, in the shared cache. */
import type { Cache } from '../../../platform/cache/cache.js'
import type { Logger } from '../../../platform/log/logger.js'
import { createCachedLoginAttempts } from './cached-login-attempts.js'

const DEPARTURES = 300 // to providers, from one network in a quarter of an hour: an office behind it signs in, a flood does not
const CEREMONIES = 300 // challenges for passkeys, the same: pages ask for one as soon as they open
const OWN_CEREMONIES = 60 // of one person: each is a row for five minutes
const PASSKEY_USES = 60 // of one person in a quarter of an hour: each is an entry of the log for good, and costs its owner nothing
const PROGRAM_TRIES = 100 // of 256 bits, by replicas that may all start at once: NIST SP 800-63B-4 section 3.2.2
const MAIL_REQUESTS = 300 // from one network in a quarter of an hour: each is a row until it is looked at

export interface CounterParts {
  readonly cache: Cache
  /** Counts while `cache` is away. */
  readonly fallback: Cache
  readonly logger: Logger
}

/** Opens the counters of auth; `attempts` are those at what can be guessed, whose locks grow. */
export function openCounters(parts: CounterParts) {
  const most = (tries: number) => createCachedLoginAttempts({ ...parts, tries, staysShort: true })
  return {
    attempts: createCachedLoginAttempts(parts),
    programAttempts: most(PROGRAM_TRIES),
    departures: most(DEPARTURES),
    ceremonies: most(CEREMONIES),
    ownCeremonies: most(OWN_CEREMONIES),
    passkeyUses: most(PASSKEY_USES),
    mailRequestCounts: most(MAIL_REQUESTS),
  }
}
