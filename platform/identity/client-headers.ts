import { isIP } from 'node:net'

/**
 * The address a client is known by. `claimed` is what the machines between say of it, and text that anybody may have sent:
 * where it is no address, the machine that is connected stands for the client.
 */
export function clientAddress(claimed: string | undefined, connected: string | undefined): string | null {
  return [claimed, connected].find((address) => address !== undefined && isIP(address) !== 0) ?? null
}

const USER_AGENT_LENGTH = 256 // a browser's has about 120
const unprintable = /[^\x20-\x7e]+/g

/** A `User-Agent` header fit to be stored and shown; null without one. */
export function clientUserAgent(header: string | undefined): string | null {
  const text = header?.replace(unprintable, ' ').trim().slice(0, USER_AGENT_LENGTH) ?? ''
  return text === '' ? null : text
}
