import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AppError } from '../../../../platform/errors/app-error.js'
import { createSseParser } from './sse-parser.js'

function parse(...chunks: (string | Buffer)[]) {
  const parser = createSseParser(1_000)
  return chunks.flatMap((chunk) => parser.push(Buffer.from(chunk)).map(({ name, data }) => [name, data]))
}

// the examples of https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
describe('a stream of events', () => {
  it('is read as its specification has it', () => {
    expect(parse('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual([['message', 'YHOO\n+2\n10']])
    expect(
      parse(': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n'),
    ).toEqual([
      ['message', 'first event'],
      ['message', 'second event'],
      ['message', ' third event'],
    ])
    expect(parse('data\n\ndata\ndata\n\ndata:')).toEqual([
      ['message', ''],
      ['message', '\n'],
    ])
    expect(parse('event: next\r\ndata: {"a":":"}\r\n\r\nevent: complete\rdata\r\r\n')).toEqual([
      ['next', '{"a":":"}'],
      ['complete', ''],
    ])
    expect(parse('\uFEFFdata: after the mark\n\n')).toEqual([['message', 'after the mark']])
  })

  it('is the same however it is cut, also within a character or a line end', () => {
    const bytes = Buffer.from(
      'event: next\r\ndata: {"town":"Zürich 世界"}\r\n\r\n:\n\nevent: next\ndata: 2\n\nevent: complete\rdata:\r\r',
    )
    const whole = parse(bytes, '\n')
    expect(whole).toHaveLength(3)
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length]
        const chunks = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge))
        expect(parse(...chunks, '\n')).toEqual(whole)
      }),
    )
  })

  it('is refused when an event grows too large, whole or in lines', () => {
    const refused = expect.objectContaining({ constructor: AppError, code: 'SUBGRAPH_BAD_RESPONSE' })
    expect(() => parse('data: ', 'x'.repeat(1_001))).toThrow(refused)
    expect(() => parse(...Array.from({ length: 120 }, () => 'data: xxxxxx\n'))).toThrow(refused)
    expect(parse(...Array.from({ length: 120 }, () => 'data: xxxxxx\n\n'))).toHaveLength(120)
  })
})
