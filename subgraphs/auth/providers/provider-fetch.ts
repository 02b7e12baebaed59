/**
 * How providers are asked. In: addresses that a provider's own metadata names. Out: answers of at most a megabyte. It refuses
 * to send anything in the clear but to this machine, and there only for a provider that is on it, and follows no redirection.
 */
import { isIPv4 } from 'node:net'

export type ProviderFetch = (url: string, options: RequestInit) => Promise<Response>

const MOST_BYTES = 1_048_576 // metadata and key sets have some kilobytes

export function createProviderFetch(issuer: string): ProviderFetch {
  const isLocal = isLoopback(new URL(issuer))
  return async (url, options) => {
    const address = new URL(url)
    if (address.protocol !== 'https:' && !(isLocal && isLoopback(address))) {
      throw new TypeError('A provider names an address that is not encrypted.')
    }
    const response = await fetch(address, { ...options, redirect: 'manual' })
    const { status, statusText, headers } = response
    const body = await readAtMost(response, MOST_BYTES)
    // an answer of these statuses has no body, not even an empty one
    return new Response([101, 204, 205, 304].includes(status) ? null : body, { status, statusText, headers })
  }
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return (
    protocol === 'http:' &&
    (hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.')))
  )
}

async function readAtMost(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > most) throw new TypeError('A provider answers with too much.')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
