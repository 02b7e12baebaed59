/**
 * Which addresses a request to somebody else's URL may go to. In: an address. Out: whether it belongs to the public internet, or
 * to a network that was allowed by name. Whoever may write down a URL must not reach what only this machine reaches.
 */
import { BlockList, isIP } from 'node:net'

/** IANA IPv4 Special-Purpose Address Registry, and multicast and reserved space (RFC 5771, RFC 1112). */
const closedIpv4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24'],
  ...['198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
/** Of IPv6 only this is public (RFC 4291, section 2.4): mapped, translated, link-local and local addresses lie outside of it. */
const openIpv6 = ['2000::/3']
/** IANA IPv6 Special-Purpose Address Registry within it: protocol assignments, documentation, 6to4. */
const closedIpv6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']

export interface ReachableNetworks {
  /** Whether a request may go to this address, an IPv4 or IPv6 one in text. */
  includes(address: string): boolean
}

/** Throws RangeError for what is no network such as `10.1.0.0/16`. */
export function createReachableNetworks(allowed: readonly string[] = []): ReachableNetworks {
  const [allowedOnes, closed, open] = [listOf(allowed), listOf([...closedIpv4, ...closedIpv6]), listOf(openIpv6)]
  return {
    includes(address) {
      const version = isIP(address)
      if (version === 0 || address.includes('%')) return false
      const family = version === 6 ? 'ipv6' : 'ipv4'
      if (allowedOnes.check(address, family)) return true
      return !closed.check(address, family) && (family === 'ipv4' || open.check(address, family))
    },
  }
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    const version = isIP(address)
    const prefix = Number(bits)
    if (version === 0 || !/^\d{1,3}$/.test(bits) || prefix > (version === 6 ? 128 : 32)) {
      throw new RangeError(`'${network}' is no network such as 10.1.0.0/16.`)
    }
    list.addSubnet(address, prefix, version === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}
