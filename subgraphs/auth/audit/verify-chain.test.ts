import { describe, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { GENESIS, hashOf } from './audit-hash.js'
import { verifyChain, type StoredEntry } from './verify-chain.js'

function chain(length: number): StoredEntry[] {
  const entries: StoredEntry[] = []
  for (let sequence = 1n; sequence <= length; sequence += 1n) {
    const entry = {
      sequence,
      at: new Date(Date.UTC(2026, 0, Number(sequence))),
      action: 'session.opened',
      actor: 'a',
      subject: 'b',
      sealedDetails: Uint8Array.of(1, 2, 255),
      previousHash: entries.at(-1)?.hash ?? GENESIS,
    }
    entries.push({ ...entry, hash: hashOf(entry) })
  }
  return entries
}

async function* each(entries: readonly StoredEntry[]) {
  yield* entries
}

const verdict = (entries: readonly StoredEntry[], head?: string) => verifyChain(each(entries), head)
const hex = (entry: StoredEntry | undefined) => Buffer.from(entry?.hash ?? []).toString('hex')

describe('the chain of the audit log', () => {
  it('is hashed as documented, so that anybody can check it', () => {
    const [entry] = chain(1)
    const text = `["1","2026-01-01T00:00:00.000Z","session.opened","a","b","AQL_","${'A'.repeat(43)}"]`
    expect(hex(entry)).toBe(createHash('sha256').update(text).digest('hex'))
  })

  it('is whole, and tells its length and head', async () => {
    const entries = chain(5)
    expect(await verdict(entries)).toEqual({ isWhole: true, entries: 5, head: hex(entries[4]) })
    expect(await verdict(entries, hex(entries[2]))).toMatchObject({ isWhole: true })
    expect(await verdict([])).toMatchObject({ isWhole: true, entries: 0 })
  })

  it.each([
    ['changed', (entries: StoredEntry[]) => entries.with(2, { ...at(entries, 2), action: 'nothing' }), 3n],
    ['given to another', (entries: StoredEntry[]) => entries.with(2, { ...at(entries, 2), subject: 'c' }), 3n],
    ['left out', (entries: StoredEntry[]) => entries.toSpliced(2, 1), 3n],
    ['swapped', (entries: StoredEntry[]) => entries.with(1, at(entries, 2)).with(2, at(entries, 1)), 2n],
    ['stripped of its beginning', (entries: StoredEntry[]) => entries.slice(1), 1n],
  ])('shows where an entry was %s', async (_how, tamper, sequence) => {
    expect(await verdict(tamper(chain(5)))).toMatchObject({ isWhole: false, sequence })
  })

  it('shows a cut and a chain made anew by the hash that was written down elsewhere', async () => {
    const head = hex(chain(5)[4])
    expect(await verdict(chain(4), head)).toMatchObject({ isWhole: false })
    const anew = chain(5).map((entry) => ({ ...entry, action: 'session.refused' }))
    let previousHash = GENESIS
    const rehashed = anew.map((entry) => {
      const changed = { ...entry, previousHash }
      previousHash = hashOf(changed)
      return { ...changed, hash: previousHash }
    })
    expect(await verdict(rehashed)).toMatchObject({ isWhole: true })
    expect(await verdict(rehashed, head)).toMatchObject({ isWhole: false })
  })
})

function at(entries: readonly StoredEntry[], index: number): StoredEntry {
  const entry = entries[index]
  if (entry === undefined) throw new Error('no such entry')
  return entry
}
