import { isIPv4, isIPv6 } from 'node:net'

const MAPPED = /^::ffff:(?=\d)/i
const GROUPS = 8
const OF_NETWORK = 4

/**
 * What addresses are counted by: an IPv4 address as it is; of an IPv6 address the first 64 bits, of which one customer has all
 * the rest and may come from another address each time (RFC 6177, RFC 8981). An IPv4 address within IPv6 (RFC 4291 section
 * 2.5.5.2) counts as itself. Empty for what is not known.
 */
export function networkOf(address: string | null): string {
  const plain = (address ?? '').replace(MAPPED, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return isIPv4(plain) ? plain : ''
  const canonical = new URL(`http://[${plain}]/`).hostname.slice(1, -1) // RFC 5952
  const [head = '', tail] = canonical.split('::')
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array.from({ length: GROUPS - (left?.length ?? 0) - (right?.length ?? 0) }, () => '0')
  return `${[...(left ?? []), ...zeros, ...(right ?? [])].slice(0, OF_NETWORK).join(':')}::/64`
}
