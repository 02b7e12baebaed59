import { describe, expect, it } from '@jest/globals'
import { createReachableNetworks } from './reachable-networks.js'

describe('the networks a callback reaches', () => {
  const networks = createReachableNetworks()

  it.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::8'])(
    'include %s, which is public',
    (address) => expect(networks.includes(address)).toBe(true),
  )

  it.each([
    ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1'],
    ...['169.254.169.254', '192.0.2.1', '198.18.0.1', '224.0.0.1', '239.255.255.250', '240.0.0.1', '255.255.255.255'],
    ...['::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::'],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2001::1', 'localhost', '', '127.1', '0x7f000001'],
  ])('leave out %s', (address) => expect(networks.includes(address)).toBe(false))

  it('include what is allowed by name, and nothing next to it', () => {
    const allowing = createReachableNetworks(['10.1.0.0/16', '::1/128'])
    const asked = ['10.1.2.3', '10.2.0.1', '::1', '::2', '127.0.0.1', '8.8.8.8']
    expect(asked.map((address) => allowing.includes(address))).toEqual([true, false, true, false, false, true])
  })

  it.each(['10.0.0.0', '10.0.0.0/33', 'localhost/8', '10.0.0.0/-1', '::/129', ''])('refuse to allow %s', (network) =>
    expect(() => createReachableNetworks([network])).toThrow(RangeError),
  )
})
