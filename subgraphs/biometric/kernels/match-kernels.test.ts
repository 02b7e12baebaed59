import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hammingDistance } from '../domain/iris/hamming-distance.js'
import { createRandomSource } from '../synthetic/random-source.js'
import { createSharedMemory, openMatchKernels, PAGE_BYTES, type MatchKernels } from './match-kernels.js'

const { fround } = Math
const [QUERY, HEAP, DATA] = [0, PAGE_BYTES, 2 * PAGE_BYTES]
const memory = createSharedMemory(64 * PAGE_BYTES)
const kernels: MatchKernels = openMatchKernels(memory)

/** The heap's entries, greatest key first. */
function entries(size: number) {
  const view = new DataView(memory.buffer, HEAP)
  const all = Array.from({ length: size }, (_, index) => ({
    key: view.getFloat32(8 * index, true),
    place: view.getInt32(8 * index + 4, true),
  }))
  return all.sort((left, right) => right.key - left.key)
}

interface Scored {
  readonly key: number
  readonly place: number
}

/** What plain JavaScript would keep; which of equal keys at the end is anybody's choice. */
function best(all: readonly Scored[], capacity: number, floor: number): readonly number[] {
  const wanted = all.map(({ key }) => key).filter((key) => key > floor)
  return wanted.sort((left, right) => right - left).slice(0, capacity)
}

function expectBest(kept: readonly Scored[], all: readonly Scored[], capacity: number, floor: number): void {
  expect(kept.map(({ key }) => key)).toEqual(best(all, capacity, floor))
  const byPlace = new Map(all.map(({ key, place }) => [place, key]))
  for (const { key, place } of kept) expect(byPlace.get(place)).toBe(key)
  expect(new Set(kept.map(({ place }) => place)).size).toBe(kept.length)
}

const seeds = fc.integer()
const capacities = fc.constantFrom(1, 2, 3, 7, 64)

describe('the scan of embeddings', () => {
  const sizes = fc.constantFrom(16, 32, 48, 64, 80, 192, 512, 1024, 4096)
  const counts = fc.constantFrom(0, 1, 2, 3, 31, 64, 65)

  it('keeps what plain JavaScript keeps, in any number and of any size', () => {
    fc.assert(
      fc.property(
        sizes,
        counts,
        capacities,
        seeds,
        fc.double({ min: -1, max: 1, noNaN: true }),
        (components, rows, capacity, seed, floor) => {
          const { codes, query, scales, slacks, addresses } = layOut(components, rows, seed)
          const terms = { queryScale: fround(1 / 128), slackFactor: fround(1.01), slack: fround(0.003) }
          const size = kernels.scanEmbeddings(
            ...addresses,
            ...([
              rows,
              components,
              QUERY,
              terms.queryScale,
              terms.slackFactor,
              terms.slack,
              1_000,
              HEAP,
              0,
              capacity,
              floor,
            ] as const),
          )
          const all = Array.from({ length: rows }, (_, row) => {
            let product = 0
            for (let at = 0; at < components; at += 1) product += (codes[row * components + at] ?? 0) * (query[at] ?? 0)
            const exact = fround(fround(fround(terms.queryScale * (scales[row] ?? 0)) * fround(product)))
            const slack = fround(terms.slackFactor * (slacks[row] ?? 0))
            return { key: fround(fround(exact + slack) + terms.slack), place: 1_000 + row }
          })
          expectBest(entries(size), all, capacity, fround(floor))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('passes over rows whose slack is minus infinity, and goes on with a heap that has entries', () => {
    const { slacks, addresses } = layOut(64, 10, 1)
    slacks.fill(-Infinity)
    slacks[4] = 0
    const scan = (size: number) =>
      kernels.scanEmbeddings(...addresses, 10, 64, QUERY, 1, 1, 0, size, HEAP, size, 8, -1e30)
    expect(scan(scan(0))).toBe(2)
    expect(
      entries(2)
        .map(({ place }) => place)
        .sort(),
    ).toEqual([4, 5])
  })

  it('is the product of the vectors in float32 when it looks again', () => {
    const [components, blockBytes, vectors, rowBits] = [48, 16_384, 256, 4]
    const random = createRandomSource(3)
    const query = new Float32Array(memory.buffer, QUERY, components).map(() => random.normal())
    new Float32Array(memory.buffer, QUERY, components).set(query)
    const places = [(DATA / blockBytes) << rowBits, ((DATA / blockBytes + 1) << rowBits) | 7]
    const expected = places.map((place, index) => {
      const at = (place >> rowBits) * blockBytes + vectors + (place & 15) * components * 4
      const row = new Float32Array(memory.buffer, at, components)
      row.forEach((_, component) => (row[component] = random.normal()))
      new DataView(memory.buffer, HEAP).setInt32(8 * index + 4, place, true)
      return row.reduce((sum, component, n) => sum + component * (query[n] ?? 0), 0)
    })
    kernels.rerankEmbeddings(HEAP, 2, components, QUERY, blockBytes, vectors, rowBits)
    const view = new DataView(memory.buffer, HEAP)
    expected.forEach((product, index) => expect(view.getFloat32(8 * index, true)).toBeCloseTo(product, 4))
  })

  function layOut(components: number, rows: number, seed: number) {
    const random = createRandomSource(seed)
    const scalesAt = DATA + Math.ceil((rows * components) / 16) * 16
    const codes = new Int8Array(memory.buffer, DATA, rows * components)
    codes.forEach((_, at) => (codes[at] = random.below(255) - 127))
    const query = new Int16Array(memory.buffer, QUERY, components)
    query.forEach((_, at) => (query[at] = random.below(255) - 127))
    const scales = new Float32Array(memory.buffer, scalesAt, rows)
    const slacks = new Float32Array(memory.buffer, scalesAt + 4 * rows, rows)
    scales.forEach((_, row) => (scales[row] = random.uniform() / components))
    slacks.forEach((_, row) => (slacks[row] = random.uniform() / 100))
    return { codes, query, scales, slacks, addresses: [DATA, scalesAt, scalesAt + 4 * rows] as const }
  }
})

describe('the scan of irises', () => {
  const TERMS = { rotations: 15, referenceBits: 911, minimumBits: 400 }

  it('gives the distances of the comparison in JavaScript, whatever is masked and however the eye is turned', () => {
    const masks = fc.constantFrom(0, 0.1, 0.3, 0.7, 1)
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 20 }), capacities, masks, (seed, rows, capacity, hidden) => {
        const random = createRandomSource(seed)
        const template = () => {
          const mask = Uint8Array.from({ length: 256 }, () =>
            random.uniform() < hidden ? 0 : random.below(256) | random.below(256),
          )
          const code = Uint8Array.from(mask, (byte) => byte & random.below(256))
          return Uint8Array.of(...code, ...mask)
        }
        const probe = template()
        const turned = (part: Uint8Array, by: number) => part.map((_, at) => part[(at + 2 * by + 256) % 256] ?? 0)
        const positions = new Uint8Array(memory.buffer, QUERY, 31 * 512)
        for (let position = 0; position < 31; position += 1) {
          positions.set(turned(probe.subarray(0, 256), position - 15), 512 * position)
          positions.set(turned(probe.subarray(256), position - 15), 512 * position + 256)
        }
        const templates = Array.from({ length: rows }, (_, row) => {
          // a tenth of its bits differ in every other one, so that there are mates as well
          const own = row % 2 === 0 ? probe.map((byte) => (random.uniform() < 0.1 ? byte ^ 1 : byte)) : template()
          new Uint8Array(memory.buffer, DATA + 512 * row, 512).set(own)
          return own
        })
        const size = kernels.scanIrises(DATA, rows, QUERY, 31, 400, 911, 0, HEAP, 0, capacity, 0.5)
        const all = templates.map((own, place) => ({ key: fround(1 - hammingDistance(own, probe, TERMS)), place }))
        expectBest(entries(size), all, capacity, 0.5)
      }),
      { numRuns: 60 },
    )
  })
})

it('is a module of a few kilobytes', async () => {
  const { kernelModule } = await import('../generated/kernel-module.js')
  expect(Buffer.from(kernelModule, 'base64').byteLength).toBeLessThan(4_096)
})
