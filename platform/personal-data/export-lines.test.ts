import { describe, expect, it } from '@jest/globals'
import { cutLines, joinLines, UnreadableAnswerError, type ExportLine } from './export-lines.js'

const LARGEST = 256 * 1024

async function* each<Item>(...items: Item[]): AsyncGenerator<Item> {
  yield* items
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

const section: ExportLine = { section: 'letters', columns: ['text'] }
const bytes = (text: string) => new TextEncoder().encode(text)
const linesOf = (...texts: string[]) => all(joinLines(each(...texts.map(bytes))))

describe('the lines of an answer', () => {
  it('come back from their parts, also where a line or a character goes over several', async () => {
    const lines: ExportLine[] = [section, { row: { text: '漢'.repeat(LARGEST) } }, { row: { text: 'short' } }]
    const parts = await all(cutLines(lines))
    expect(parts.map(({ bytes: part }) => part.byteLength).slice(0, -1)).toEqual(Array(3).fill(LARGEST))
    expect(parts.map(({ isLast }) => isLast)).toEqual([false, false, false, true])
    expect(await all(joinLines(each(...parts.map(({ bytes: part }) => part))))).toEqual(lines)
  })

  it('are one empty part where there are none', async () => {
    expect(await all(cutLines([]))).toEqual([{ bytes: Buffer.alloc(0), isLast: true }])
    expect(await linesOf('')).toEqual([])
  })

  it.each([
    ['no JSON', '{"section":\n'],
    ['another object', '{"sections":"a","columns":[]}\n'],
    ['a section with a path for a name', '{"section":"../auth","columns":[]}\n'],
    ['a row of no section', '{"row":{}}\n'],
    ['a line without an end', '{"section":"a","columns":[]}\n{"row":{}}'],
  ])('are refused where there is %s', async (_what, text) => {
    await expect(linesOf(text)).rejects.toThrow(UnreadableAnswerError)
  })

  it('are refused where there is no UTF-8', async () => {
    await expect(all(joinLines(each(Uint8Array.of(0xc3, 0x28))))).rejects.toThrow(UnreadableAnswerError)
    await expect(all(joinLines(each(bytes('{"section":"a","columns":[]}\n'), Uint8Array.of(0xc3))))).rejects.toThrow(
      UnreadableAnswerError,
    )
  })
})
