import { expect, it } from '@jest/globals'
import { coarseNetworkOf, networkOf } from './address-network.js'

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['no address', ''],
  ['', ''],
])('%s is counted by %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it('an address that is not known is counted with all others that are not', () => {
  expect(networkOf(null)).toBe('')
})

it.each([
  ['192.0.2.7', '192.0.2.0/24'],
  ['::ffff:192.0.2.7', '192.0.2.0/24'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
  ['::1', '0:0:0::/48'],
  ['no address', null],
  [null, null],
])('%s is about %s', (address, network) => {
  expect(coarseNetworkOf(address)).toBe(network)
})
