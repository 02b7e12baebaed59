import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fingerprint } from '../domain/fingerprint/fingerprint.js'
import { modalities } from '../domain/modalities.js'
import { createRandomSource } from '../synthetic/random-source.js'
import { impressionLevels, impressionOf, syntheticFinger } from '../synthetic/synthetic-fingers.js'
import { createMatchPool, type MatchPool, type MatchPoolOptions } from './match-pool.js'
import { withMatchWorkers } from './with-match-workers.js'

let pool: MatchPool
const open = (options: Partial<MatchPoolOptions> = {}) =>
  (pool = createMatchPool({ threads: 2, places: 64, deadlineMs: 60_000, ...options }))
afterEach(() => pool.close())

const random = createRandomSource(7)
const template = (finger = syntheticFinger(random)) =>
  fingerprint.prepare({ minutiae: impressionOf(finger, impressionLevels.good, random) }).template

describe('comparisons in workers', () => {
  it('give the scores that comparisons in place give', async () => {
    open()
    const moved = withMatchWorkers(modalities, pool).get('FINGERPRINT')
    for (let pair = 0; pair < 10; pair += 1) {
      const finger = syntheticFinger(random)
      const [enrolled, probe] = [template(finger), template(pair % 2 === 0 ? finger : undefined)]
      expect(await moved?.compare(enrolled, probe)).toBe(await fingerprint.compare(enrolled, probe))
    }
  })

  it('refuse bytes that are no template, and lose no worker over any bytes', async () => {
    open({ threads: 1 })
    const good = template()
    const score = await pool.run({ kind: 'compare-prints', enrolled: good, probe: good })
    const bytes = fc.uint8Array({ maxLength: 255 * 7 })
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (enrolled, probe) => {
        const answer = await pool.run({ kind: 'compare-prints', enrolled, probe }).catch((error: unknown) => error)
        expect(typeof answer === 'number' || /template of minutiae/.test(String(answer))).toBe(true)
      }),
      { numRuns: 200 },
    )
    expect(await pool.run({ kind: 'compare-prints', enrolled: good, probe: good })).toBe(score)
  })

  it('leave the templates of the caller as they are', async () => {
    open({ threads: 1 })
    const enrolled = template()
    const before = enrolled.slice()
    await pool.run({ kind: 'compare-prints', enrolled, probe: enrolled })
    expect(enrolled).toEqual(before)
  })
})

/** Workers that do what the first byte of a task says; the first byte of a shared buffer counts the tasks begun. */
const program = `
export function match({ enrolled, probe }) {
  const begun = Atomics.add(enrolled, 0, 1)
  const [kind] = probe
  if (kind === 1 && begun === 0) process.exit(1)
  if (kind === 2) process.exit(1)
  if (kind === 3) { const all = []; for (;;) all.push(new Array(1e5).fill(begun + all.length)) }
  while (kind === 4 && Atomics.load(enrolled, 1) === 0) Atomics.wait(new Int32Array(enrolled.buffer, 8), 0, 0, 10)
  while (kind === 5);
  return Object.keys(process.env).length
}`
const kinds = { answer: 0, dieOnce: 1, die: 2, exhaustMemory: 3, waitUntilTold: 4, runForEver: 5 }

describe('workers that fail', () => {
  let file: { filename: string; execArgv: string[] }
  beforeAll(() => {
    const filename = path.join(mkdtempSync(path.join(tmpdir(), 'workers-')), 'worker.mjs')
    writeFileSync(filename, program)
    file = { filename, execArgv: [] }
  })
  const task = (kind: keyof typeof kinds) => {
    const begun = new Uint8Array(new SharedArrayBuffer(16))
    return { begun, answer: pool.run({ kind: 'compare-prints', enrolled: begun, probe: Uint8Array.of(kinds[kind]) }) }
  }

  it('are replaced, and what they were at is done once more by another', async () => {
    open({ file })
    const { begun, answer } = task('dieOnce')
    expect(await answer).toBe(0)
    expect(begun[0]).toBe(2)
  })

  it.each(['die', 'exhaustMemory'] as const)(
    'cost the second time (%s) a refusal with a code, and no others',
    async (kind) => {
      open({ file, threads: 1 })
      const bad = task(kind)
      const after = task('answer')
      await expect(bad.answer).rejects.toMatchObject({ code: 'INT_EXTERNAL_SERVICE_ERROR' })
      expect(bad.begun[0]).toBe(2)
      expect(await after.answer).toBe(0)
    },
  )

  it('are ended when they take too long', async () => {
    open({ file, threads: 1, deadlineMs: 500 })
    const endless = task('runForEver')
    await expect(endless.answer).rejects.toMatchObject({ code: 'INT_EXTERNAL_SERVICE_ERROR' })
  })

  it('refuse what finds every place taken, with the seconds to wait, and have room again afterwards', async () => {
    open({ file, threads: 1, places: 2 })
    const [first, second] = [task('waitUntilTold'), task('waitUntilTold')]
    const refusal = { code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: expect.any(Number) }
    await expect(task('answer').answer).rejects.toMatchObject(refusal)
    expect(() => pool.requireRoom()).toThrow(expect.objectContaining(refusal))
    for (const { begun } of [first, second]) Atomics.store(begun, 1, 1)
    await Promise.all([first.answer, second.answer])
    expect(await task('answer').answer).toBe(0)
  })

  it('know nothing of the environment of the process', async () => {
    open({ file })
    expect(await task('answer').answer).toBe(0)
  })
})
