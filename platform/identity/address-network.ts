import { isIPv4, isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(?=\d)/i
const GROUPS = 8
const OF_NETWORK = 4
const OF_SITE = 3

/**
 * What addresses are counted by: an IPv4 address as it is; of an IPv6 address the first 64 bits, of which one customer has all
 * the rest and may come from another address each time (RFC 6177, RFC 8981). An IPv4 address within IPv6 (RFC 4291 section
 * 2.5.5.2) counts as itself. Empty for what is not known.
 */
export function networkOf(address: string | null): string {
  const plain = plainOf(address)
  if (!isIPv6(plain)) return isIPv4(plain) ? plain : ''
  return `${groupsOf(plain).slice(0, OF_NETWORK).join(':')}::/64`
}

/** About where an address is, for people: the first 24 bits of IPv4, the first 48 of IPv6, which are a site's. Null for what is not known. */
export function coarseNetworkOf(address: string | null): string | null {
  const plain = plainOf(address)
  if (isIPv4(plain)) return plain.replace(/\d+$/, '0/24')
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, OF_SITE).join(':')}::/48` : null
}

function plainOf(address: string | null): string {
  return (address ?? '').replace(MAPPED, '').replace(/%.*$/, '')
}

/** The eight groups of an IPv6 address, without leading zeros. */
function groupsOf(address: string): readonly string[] {
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1) // RFC 5952
  const [left = [], right = []] = canonical.split('::').map((part) => (part === '' ? [] : part.split(':')))
  return [...left, ...Array.from({ length: GROUPS - left.length - right.length }, () => '0'), ...right]
}
