/**
 * An answer to an export on its way: JSON lines in UTF-8, cut into parts. In: lines, or the parts of an answer in their order.
 * Out: the other of the two, a part at a time, so that neither side ever holds an answer whole. It refuses what is not made of
 * such lines.
 */
import { z } from 'zod'

/** A line: the beginning of a section, a row of the section begun last, or that there is no answer, and why. */
export const exportLine = z.union([
  z.strictObject({ section: z.string().regex(/^[a-z][a-z-]{0,39}$/), columns: z.array(z.string()) }),
  z.strictObject({ row: z.record(z.string(), z.json()) }),
  z.strictObject({ refusal: z.enum(['TOO_MUCH']) }),
])

export type ExportLine = z.infer<typeof exportLine>

const PART_BYTES = 256 * 1024

/** Lines as bytes, in pieces of at most 256 KiB; a line may go over several. The last may be empty. */
export async function* cutLines(
  lines: AsyncIterable<ExportLine> | Iterable<ExportLine>,
): AsyncGenerator<{ readonly bytes: Uint8Array; readonly isLast: boolean }> {
  let waiting: Buffer = Buffer.alloc(0)
  for await (const line of lines) {
    waiting = Buffer.concat([waiting, Buffer.from(`${JSON.stringify(line)}\n`)])
    while (waiting.byteLength > PART_BYTES) {
      yield { bytes: waiting.subarray(0, PART_BYTES), isLast: false }
      waiting = waiting.subarray(PART_BYTES)
    }
  }
  yield { bytes: waiting, isLast: true }
}

/** What came is not an answer to an export. */
export class UnreadableAnswerError extends Error {}

/** The lines in the pieces of an answer. Throws UnreadableAnswerError for what holds something else. */
export async function* joinLines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<ExportLine> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let begun: string[] = []
  let isInSection = false
  for await (const piece of pieces) {
    const [first = '', ...others] = readable(() => decoder.decode(piece, { stream: true })).split('\n')
    begun.push(first)
    for (const next of others) {
      const text = begun.join('')
      const line = readable(() => exportLine.parse(JSON.parse(text)))
      if ('row' in line && !isInSection) throw new UnreadableAnswerError('A row belongs to no section.')
      isInSection = true
      yield line
      begun = [next]
    }
  }
  begun.push(readable(() => decoder.decode()))
  if (begun.join('') !== '') throw new UnreadableAnswerError('It ends within a line.')
}

function readable<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    throw new UnreadableAnswerError('It is not made of lines of JSON.', { cause })
  }
}
