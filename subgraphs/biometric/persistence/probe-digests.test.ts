import { describe, expect, it } from '@jest/globals'
import { createProbeDigests } from './probe-digests.js'

const key = (fill: number) => new Uint8Array(32).fill(fill)
const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]
const template = new Uint8Array([1, 2, 3, 4])

describe('digests of probes', () => {
  const digests = createProbeDigests({ masterKeys: { k1: key(1) }, currentKeyId: 'k1' })

  it('are the same for the same probe under the same record only', () => {
    expect(digests.current(one, template)).toEqual(digests.current(one, new Uint8Array(template)))
    expect(digests.current(one, template)).not.toEqual(digests.current(two, template))
    expect(digests.current(one, template)).not.toEqual(digests.current(one, new Uint8Array([1, 2, 3, 5])))
  })

  it('need the key', () => {
    const others = createProbeDigests({ masterKeys: { k1: key(2) }, currentKeyId: 'k1' })
    expect(others.current(one, template)).not.toEqual(digests.current(one, template))
  })

  it('are still known after the master key has changed, while the old one is kept', () => {
    const rotated = createProbeDigests({ masterKeys: { k1: key(1), k2: key(2) }, currentKeyId: 'k2' })
    expect(rotated.current(one, template)).not.toEqual(digests.current(one, template))
    expect(rotated.all(one, template)).toContainEqual(digests.current(one, template))
  })

  it('are refused a current key that is not there', () => {
    expect(() => createProbeDigests({ masterKeys: { k1: key(1) }, currentKeyId: 'k9' })).toThrow(RangeError)
  })
})
