import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { hashEdges } from './edge-hash.js'
import { areAlike, edgesBetween, value } from './minutia-edges.js'
import { type Minutia } from './minutiae.js'
import { createPrint, type Print } from './print.js'

/** Steps of 13 pixels and 10 degrees too, so that edges lie on the very border of the tolerances. */
const minutia = fc.record({
  x: fc.oneof(
    fc.integer({ min: 0, max: 400 }),
    fc.integer({ min: 0, max: 30 }).map((step) => 13 * step),
  ),
  y: fc.oneof(
    fc.integer({ min: 0, max: 400 }),
    fc.integer({ min: 0, max: 30 }).map((step) => 13 * step),
  ),
  direction: fc.oneof(
    fc.integer({ min: 0, max: 65_535 }).map((step) => (step / 65_536) * 2 * Math.PI),
    fc.integer({ min: 0, max: 35 }).map((step) => (step / 18) * Math.PI),
  ),
  type: fc.constantFrom<Minutia['type']>('ENDING', 'BIFURCATION'),
})
const minutiae = fc.uniqueArray(minutia, {
  selector: ({ x, y }) => x * 1000 + y,
  minLength: 2,
  maxLength: 24,
})

function alikeByHash(print: Print, other: Print, edge: number): number[] {
  const found: number[] = []
  hashEdges(print).forEachAlike(other.edges, edge, (one) => found.push(one) > 0)
  return found
}

function alikeByLookingAtAll({ size, edges }: Print, other: Print, edge: number): number[] {
  const all = Array.from({ length: size * size }, (_, one) => one)
  return all.filter((one) => one % (size + 1) !== 0 && areAlike(edges, one, other.edges, edge))
}

describe('the edges of a print', () => {
  it('are found by their shape: each that is alike once, in order, and no other', () => {
    fc.assert(
      fc.property(minutiae, minutiae, fc.nat(), (some, others, at) => {
        const [print, other] = [createPrint(some), createPrint(others)]
        const edge = at % (other.size * other.size)
        expect(alikeByHash(print, other, edge)).toEqual(alikeByLookingAtAll(print, other, edge))
        expect(alikeByHash(print, print, 1)).toEqual(alikeByLookingAtAll(print, print, 1))
      }),
      { numRuns: 300 },
    )
  })

  it('are no longer looked for once told to stop', () => {
    const spot = (x: number, y: number): Minutia => ({ x, y, direction: 0, type: 'ENDING' })
    const row = createPrint([spot(0, 0), spot(100, 0), spot(200, 0), spot(300, 0)])
    const found: number[] = []
    hashEdges(row).forEachAlike(row.edges, 1, (edge) => found.push(edge) < 2)
    expect(found).toEqual([1, 6]) // from the first to the second, from the second to the third
  })

  it('lie to each other as distance and directions say, and the way back the same two about', () => {
    const [east, north] = [0, Math.PI / 2]
    const edges = edgesBetween([
      { x: 100, y: 100, direction: east, type: 'ENDING' },
      { x: 130, y: 60, direction: north, type: 'ENDING' }, // to the right and up
    ])
    const line = Math.atan2(40, 30)
    for (const [edge, reference, neighbour] of [
      [1, 2 * Math.PI - line, north - line + Math.PI],
      [2, north - line + Math.PI, 2 * Math.PI - line],
    ] as const) {
      expect(edges.length[edge]).toBe(50)
      expect(edges.referenceAngle[edge]).toBeCloseTo(reference, 6)
      expect(edges.neighbourAngle[edge]).toBeCloseTo(neighbour, 6)
    }
  })

  it('lead from each minutia to its nearest, nearest first, of two as near the one of the lesser index', () => {
    fc.assert(
      fc.property(minutiae, (some) => {
        const { size, degree, edges, nearest, near } = createPrint(some)
        const expected = some.flatMap((_, from) =>
          Array.from({ length: size }, (__, to) => from * size + to)
            .filter((edge) => edge !== from * (size + 1))
            .sort((left, right) => value(edges.length, left) - value(edges.length, right) || left - right)
            .slice(0, 9),
        )
        expect(degree).toBe(Math.min(9, size - 1))
        expect([...nearest]).toEqual(expected)
        expect([...near.length]).toEqual(expected.map((edge) => edges.length[edge]))
        expect([...near.referenceAngle]).toEqual(expected.map((edge) => edges.referenceAngle[edge]))
        expect([...near.neighbourAngle]).toEqual(expected.map((edge) => edges.neighbourAngle[edge]))
      }),
    )
  })
})
