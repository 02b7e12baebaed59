import { afterAll, describe, expect, it } from '@jest/globals'
import { cosine, encodeUnitVector } from '../domain/embedding.js'
import { compareMinutiae } from '../domain/fingerprint/compare-minutiae.js'
import { fingerprint } from '../domain/fingerprint/fingerprint.js'
import { iris } from '../domain/iris/iris.js'
import { createRandomSource } from '../synthetic/random-source.js'
import { embeddingRecipes, sampleAround, syntheticDirection } from '../synthetic/synthetic-embeddings.js'
import { impressionLevels, impressionOf, syntheticFinger } from '../synthetic/synthetic-fingers.js'
import { capturedAgain, syntheticIris, turned } from '../synthetic/synthetic-irises.js'
import { createMatchPool } from '../workers/match-pool.js'
import { createEmbeddingGallery } from './embedding-gallery.js'
import { createIrisGallery } from './iris-gallery.js'
import { createKeyedRotation } from './keyed-rotation.js'
import { createPrintGallery } from './print-gallery.js'
import { BLOCK_BYTES, createSearchMemory } from './search-memory.js'
import type { SearchableGallery } from './searchable-gallery.js'

const pool = createMatchPool({ threads: 2, places: 64, deadlineMs: 60_000 })
afterAll(() => pool.close())

const memoryOf = (blocks: number) => createSearchMemory(blocks * BLOCK_BYTES)
const seed = (Math.random() * 2 ** 32) | 0
const random = createRandomSource(seed)
const uuid = () => crypto.randomUUID()

/** A gallery and what it ought to hold, beside each other. */
function withTwin(gallery: SearchableGallery) {
  const twin = new Map<string, Uint8Array>()
  return {
    gallery,
    twin,
    put(record: string, template: Uint8Array) {
      gallery.put(record, template)
      twin.set(record, template)
    },
    remove(record: string) {
      gallery.remove(record)
      twin.delete(record)
    },
    /** What plain JavaScript finds. */
    expected: (score: (template: Uint8Array) => number, { floor, most }: { floor: number; most: number }) =>
      [...twin]
        .map(([record, template]) => ({ record, score: score(template) }))
        .filter((one) => one.score >= floor)
        .sort((left, right) => right.score - left.score)
        .slice(0, most),
  }
}

describe(`one against many (seed ${seed})`, () => {
  describe.each([512, 192])('of embeddings of %d components', (dimension) => {
    const rotation = createKeyedRotation(crypto.getRandomValues(new Uint8Array(32)), dimension)
    const stranger = () => encodeUnitVector(Array.from({ length: dimension }, () => random.normal()))
    const near = (template: Uint8Array, noise: number) => {
      const view = new DataView(template.buffer)
      const length = noise / Math.sqrt(dimension)
      return encodeUnitVector(
        Array.from({ length: dimension }, (_, at) => view.getFloat32(4 * at, true) + length * random.normal()),
      )
    }
    const open = () => withTwin(createEmbeddingGallery({ pool, search: memoryOf(64) }, dimension, rotation))
    /** The same records by the same scores, but for what turning in float32 rounds. */
    const expectSame = async (
      { gallery, expected }: ReturnType<typeof open>,
      probe: Uint8Array,
      terms: { floor: number; most: number },
    ) => {
      const found = await gallery.search(probe, terms)
      const plain = expected((template) => cosine(template, probe), terms)
      expect(found.map(({ score }) => score.toFixed(5))).toEqual(plain.map(({ score }) => score.toFixed(5)))
      const records = new Set(plain.map(({ record }) => record))
      const last = plain.at(-1)?.score ?? 1
      for (const { record, score } of found) expect(records.has(record) || score < last + 1e-6).toBe(true)
      return found
    }

    it('finds what plain JavaScript finds, whatever is added, replaced and removed meanwhile', async () => {
      const both = open()
      for (let round = 0; round < 3; round += 1) {
        for (let n = 0; n < 150; n += 1) both.put(uuid(), stranger())
        const records = [...both.twin.keys()]
        for (let n = 0; n < 40; n += 1) both.put(records[random.below(records.length)] ?? uuid(), stranger())
        for (let n = 0; n < 60; n += 1) both.remove(records[random.below(records.length)] ?? '')
        expect(both.gallery.size).toBe(both.twin.size)
        const [mate] = both.twin.values()
        for (const probe of [stranger(), near(mate ?? stranger(), 0.7)]) {
          for (const terms of [
            { floor: -1, most: 1 },
            { floor: -1, most: 100 },
            { floor: 0.1, most: 10 },
            { floor: 0.9999, most: 10 },
          ]) {
            await expectSame(both, probe, terms)
          }
        }
      }
    })

    it('is exact where eight bits tell nothing apart: six hundred vectors as near as float32 can tell', async () => {
      const both = open()
      const centre = stranger()
      for (let n = 0; n < 600; n += 1) both.put(uuid(), near(centre, 1e-3))
      await expectSame(both, near(centre, 1e-3), { floor: -1, most: 10 })
      await expectSame(both, centre, { floor: 0.5, most: 3 })
    })

    it('finds nothing in an empty one, and nothing of what was removed', async () => {
      const both = open()
      const [record, template] = [uuid(), stranger()]
      expect(await both.gallery.search(template, { floor: -1, most: 10 })).toEqual([])
      both.put(record, template)
      expect(await both.gallery.search(template, { floor: 0.9, most: 10 })).toMatchObject([{ record }])
      both.remove(record)
      expect(await both.gallery.search(template, { floor: -1, most: 10 })).toEqual([])
    })
  })

  it('finds the mate of every face at the first rank', async () => {
    const recipe = embeddingRecipes.easyFace
    const rotation = createKeyedRotation(new Uint8Array(32).fill(9), recipe.dimension)
    const gallery = createEmbeddingGallery({ pool, search: memoryOf(64) }, recipe.dimension, rotation)
    const people = Array.from({ length: 400 }, () => ({ record: uuid(), mean: syntheticDirection(recipe, random) }))
    const sample = (mean: Float64Array) => encodeUnitVector([...sampleAround(mean, recipe, random)])
    for (const { record, mean } of people) gallery.put(record, sample(mean))
    for (const { record, mean } of people.slice(0, 15)) {
      expect((await gallery.search(sample(mean), { floor: 0.25, most: 5 }))[0]?.record).toBe(record)
    }
  })

  it('finds irises by their distance, however they are turned', async () => {
    const both = withTwin(createIrisGallery({ pool, search: memoryOf(32) }))
    const template = (code: ReturnType<typeof syntheticIris>) => iris.prepare({ iris: code }).template
    const eyes = Array.from({ length: 700 }, () => ({ record: uuid(), code: syntheticIris(random) }))
    for (const { record, code } of eyes) both.put(record, template(code))
    for (const { record } of eyes.slice(500, 600)) both.remove(record)
    for (const { record, code } of eyes.slice(0, 2)) {
      const probe = template(turned(capturedAgain(code, random), random.below(31) - 15))
      const terms = { floor: 0.5, most: 5 }
      const scores = new Map<Uint8Array, number>()
      for (const one of both.twin.values()) scores.set(one, await iris.compare(one, probe))
      const found = await both.gallery.search(probe, terms)
      // which of equal ones comes first is anybody's choice
      expect(found.map(({ score }) => score)).toEqual(
        both.expected((one) => scores.get(one) ?? 0, terms).map(({ score }) => score),
      )
      expect(found[0]?.record).toBe(record)
    }
  })

  it('finds fingerprints of all lengths', async () => {
    const both = withTwin(createPrintGallery({ pool, search: memoryOf(64) }))
    const template = (finger: ReturnType<typeof syntheticFinger>, most = 255) => {
      const minutiae = impressionOf(finger, impressionLevels.good, random)
      return fingerprint.prepare({ minutiae: minutiae.slice(0, most) }).template
    }
    const fingers = Array.from({ length: 30 }, () => ({ record: uuid(), finger: syntheticFinger(random) }))
    fingers.forEach(({ record, finger }, at) => both.put(record, template(finger, 15 + 3 * at)))
    const [first, second] = fingers
    if (first === undefined || second === undefined) throw new Error('There are fingers.')
    both.put(first.record, template(first.finger)) // another length: another shelf
    both.remove(second.record)
    for (const { finger } of [first, second]) {
      const probe = template(finger)
      const terms = { floor: 3, most: 3 }
      expect(await both.gallery.search(probe, terms)).toEqual(
        both.expected((one) => compareMinutiae(one, probe), terms),
      )
    }
  })
})

describe('the memory of searches', () => {
  const rotation = createKeyedRotation(new Uint8Array(32), 512)
  const vector = (at: number) => encodeUnitVector(Array.from({ length: 512 }, (_, n) => (n === at % 512 ? 1 : 0)))

  it('refuses rows beyond its limit, goes on searching, and has room again once some are gone', async () => {
    const search = memoryOf(10)
    const gallery = createEmbeddingGallery({ pool, search }, 512, rotation)
    const records: string[] = []
    const fill = () => {
      for (;;) {
        gallery.put(uuid(), vector(records.length))
        records.push(uuid())
      }
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'RES_CONFLICT' }))
    expect(search.usedBytes).toBe(2 * BLOCK_BYTES)
    expect(await gallery.search(vector(3), { floor: 0.99, most: 1 })).toHaveLength(1)
    gallery.clear()
    expect(search.usedBytes).toBe(0)
    expect(() => gallery.put(uuid(), vector(1))).not.toThrow()
  })

  it('takes at most a fifth more than what is searched, and moves rows together when many have gone', () => {
    const search = memoryOf(128)
    const gallery = createEmbeddingGallery({ pool, search }, 512, rotation)
    const records = Array.from({ length: 1_500 }, () => uuid())
    records.forEach((record, at) => gallery.put(record, vector(at)))
    expect(gallery.bytes).toBeLessThan(1.2 * 1_500 * (512 + 4 * 512))
    for (const record of records.filter((_, at) => at % 10 !== 0)) gallery.remove(record)
    expect(gallery.size).toBe(150)
    expect(gallery.bytes).toBeLessThan(5 * BLOCK_BYTES)
  })

  it('keeps nothing of what was removed', () => {
    const search = memoryOf(16)
    const gallery = createEmbeddingGallery({ pool, search }, 512, rotation)
    const [kept, gone] = [uuid(), uuid()]
    gallery.put(kept, vector(1))
    const before = new Uint8Array(search.memory.buffer).slice()
    gallery.put(gone, vector(2))
    gallery.remove(gone)
    expect(Buffer.compare(new Uint8Array(search.memory.buffer), before)).toBe(0)
  })
})
