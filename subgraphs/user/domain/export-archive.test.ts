import { describe, expect, it } from '@jest/globals'
import { strFromU8, unzipSync } from 'fflate'
import type { ExportLine } from '../../../platform/personal-data/export-lines.js'
import { ExportRefusedError, makeArchive, type ExportAnswer } from './export-archive.js'

const facts = {
  exportId: '7b8f8d26-6c5d-4f0f-9f0e-0f7c4f1f9a01',
  userId: '7b8f8d26-6c5d-4f0f-9f0e-0f7c4f1f9a02',
  requestedAt: new Date('2026-01-01T00:00:00Z'),
  completedAt: new Date('2026-01-01T00:01:00Z'),
}

function answer(service: string, ...lines: ExportLine[]): ExportAnswer {
  return {
    service,
    async *lines() {
      yield* lines
    },
  }
}

async function filesOf(...answers: ExportAnswer[]) {
  const pieces: Uint8Array[] = []
  for await (const piece of makeArchive(answers, facts)) pieces.push(piece)
  const files = unzipSync(new Uint8Array(Buffer.concat(pieces)))
  return Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, strFromU8(bytes)]))
}

describe('the archive of an export', () => {
  it('has each section as JSON and as CSV, and a manifest of them', async () => {
    const files = await filesOf(
      answer(
        'content',
        { section: 'empty', columns: ['a'] },
        { section: 'notes', columns: ['id', 'more'] },
        {
          row: { id: 1, more: { tags: ['x', 'y,z'] } },
        },
        { row: { id: 2, more: null } },
      ),
      answer('ai'),
    )
    expect(Object.keys(files).sort()).toEqual([
      'content/empty.csv',
      'content/empty.json',
      'content/notes.csv',
      'content/notes.json',
      'manifest.json',
    ])
    expect(JSON.parse(files['content/empty.json'] ?? '')).toEqual([])
    expect(files['content/empty.csv']).toBe('a\r\n')
    expect(JSON.parse(files['content/notes.json'] ?? '')).toEqual([
      { id: 1, more: { tags: ['x', 'y,z'] } },
      { id: 2, more: null },
    ])
    expect(files['content/notes.csv']).toBe('id,more\r\n1,"{""tags"":[""x"",""y,z""]}"\r\n2,\r\n')
    expect(JSON.parse(files['manifest.json'] ?? '')).toEqual({
      format: 'personal-data-export',
      version: 1,
      exportId: facts.exportId,
      userId: facts.userId,
      requestedAt: '2026-01-01T00:00:00.000Z',
      completedAt: '2026-01-01T00:01:00.000Z',
      contents: [
        { service: 'content', section: 'empty', rows: 0, json: 'content/empty.json', csv: 'content/empty.csv' },
        { service: 'content', section: 'notes', rows: 2, json: 'content/notes.json', csv: 'content/notes.csv' },
      ],
    })
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('has no formula in a table: %j', async (cell) => {
    const files = await filesOf(answer('content', { section: 'notes', columns: ['a'] }, { row: { a: cell } }))
    expect(files['content/notes.csv']).toMatch(/^a\r\n"?'/)
    expect(JSON.parse(files['content/notes.json'] ?? '')).toEqual([{ a: cell }])
  })

  it('is given out while it is made: no more than a few rows are read ahead', async () => {
    let read = 0
    const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(30_000))).toString('base64')
    const endless: ExportAnswer = {
      service: 'content',
      async *lines() {
        yield { section: 'notes', columns: ['a'] }
        for (;;) {
          read += 1
          yield { row: { a: noise() } }
        }
      },
    }
    let given = 0
    for await (const piece of makeArchive([endless], facts)) {
      given += piece.byteLength
      if (given > 1_000_000) break
    }
    expect(read * 40_000).toBeLessThan(2 * given)
  })

  it('is not made where a service has more than it can give', async () => {
    await expect(filesOf(answer('content', { refusal: 'TOO_MUCH' }))).rejects.toThrow(ExportRefusedError)
  })
})
