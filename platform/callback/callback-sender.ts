/**
 * Posts to URLs that somebody else wrote down. In: a URL, headers, a body. Out: what came of it, as a word. It connects only to
 * addresses it has looked up and checked itself, over TLS, follows no redirect, waits no longer than it was told and
 * reads nothing of the answer but its status.
 */
import { lookup as lookUp } from 'node:dns'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { ReachableNetworks } from './reachable-networks.js'

export interface Callback {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

/** `taken` by a status of 2xx; `refused` by another one; `unreachable` where no answer came; `closed` where it may not go. */
export type CallbackOutcome = 'taken' | 'refused' | 'unreachable' | 'closed'

export interface CallbackSenderOptions {
  readonly networks: ReachableNetworks
  /** From the look-up to the status, in milliseconds. */
  readonly patienceMs?: number
  /** Authorities trusted beside those Node knows, in PEM. */
  readonly authorities?: readonly string[]
}

export type CallbackSender = (callback: Callback) => Promise<CallbackOutcome>

const PATIENCE_MS = 10_000
const MOST_HEADER_BYTES = 8_192

class ClosedNetwork extends Error {}

/** Never throws. */
export function createCallbackSender(options: CallbackSenderOptions): CallbackSender {
  return async (callback) => {
    try {
      const status = await post(callback, options)
      return status >= 200 && status <= 299 ? 'taken' : 'refused'
    } catch (error) {
      return error instanceof ClosedNetwork ? 'closed' : 'unreachable'
    }
  }
}

function post(
  { url, headers, body }: Callback,
  { networks, patienceMs = PATIENCE_MS, authorities }: CallbackSenderOptions,
): Promise<number> {
  const { protocol, hostname } = new URL(url)
  const literal = hostname.replaceAll(/^\[|\]$/g, '')
  if (protocol !== 'https:' || (isIP(literal) !== 0 && !networks.includes(literal))) {
    return Promise.reject(new ClosedNetwork())
  }
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: 'POST',
      agent: false, // a kept connection would be of an address checked for something else
      lookup: checkedLookup(networks),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        connection: 'close',
      },
      maxHeaderSize: MOST_HEADER_BYTES,
      signal: AbortSignal.timeout(patienceMs),
      ...(authorities && { ca: [...authorities] }),
    })
    sent.once('response', (response) => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    sent.once('error', reject)
    sent.end(body)
  })
}

/** Looks a name up and gives out its addresses, unless one of them is closed: what is connected to is what was checked. */
function checkedLookup(networks: ReachableNetworks): LookupFunction {
  return (hostname, options, callback) => {
    lookUp(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error !== null || first === undefined) return callback(error ?? new Error('No address.'), '', 0)
      if (!addresses.every(({ address }) => networks.includes(address))) return callback(new ClosedNetwork(), '', 0)
      if (options.all === true) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })
  }
}
