import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { until } from '../../tests/support/until.js'
import { answered, openTestFrontDoor, type TestFrontDoor } from '../../tests/support/test-front-door.js'

/* Plain requests, simple ones and others, one behind the other in pieces of any size: every answer comes, once and in order. */

const SEED = 20_261_124
const MOST_PIECES = 9

interface Sent {
  readonly text: string
  /** What the front door has it answered with. */
  readonly answer: string
  /** And what node:http answers it with, on a connection it has for good. */
  readonly byNode: string
  readonly takesConnection: boolean
}

const head = (method: string, ...fields: readonly string[]): string =>
  [`${method} /graphql HTTP/1.1`, 'host: a', 'content-type: application/json', ...fields, '', ''].join('\r\n')

const withLength = (method: string, body: string): string => head(method, `content-length: ${body.length}`) + body

function plain(body: string): Sent {
  return { text: withLength('POST', body), answer: body, byNode: `node:POST /graphql ${body}`, takesConnection: false }
}

function othersOf(method: string, text: string, body: string, takesConnection: boolean): Sent {
  const answer = `node:${method} /graphql ${body}`
  return { text, answer, byNode: answer, takesConnection }
}

const get = (): Sent => othersOf('GET', head('GET'), '', false)
const getWithBody = (body: string): Sent => othersOf('GET', withLength('GET', body), body, false)
const put = (body: string): Sent => othersOf('PUT', withLength('PUT', body), body, true)
const inChunks = (body: string): Sent => {
  const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  return othersOf('POST', head('POST', 'transfer-encoding: chunked') + chunks, body, true)
}

const requests = fc.array(
  fc
    .tuple(fc.constantFrom(plain, plain, plain, get, getWithBody, put, inChunks), fc.string())
    .map(([make, text]) => make(JSON.stringify(text))),
  { minLength: 1, maxLength: 6 },
)

function expectedAnswers(all: readonly Sent[]): string[] {
  const taken = all.findIndex(({ takesConnection }) => takesConnection)
  return all.map(({ answer, byNode }, index) => (taken >= 0 && index > taken ? byNode : answer))
}

function cut(text: string, places: readonly number[]): string[] {
  const ends = [...places.map((place) => place % text.length), text.length].sort((a, b) => a - b)
  return ends.map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end))
}

let door: TestFrontDoor

beforeAll(async () => {
  const later = async (body: string) => {
    if (body.length % 2 === 0) await new Promise((resolve) => setImmediate(resolve))
    return answered(body)
  }
  door = await openTestFrontDoor({ answer: (body) => (body.length % 3 === 0 ? answered(body) : later(body)) })
})
afterAll(() => door.close())

describe('any requests, in any pieces', () => {
  it('have their answers, each once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(requests, fc.array(fc.nat(2_000), { maxLength: MOST_PIECES - 1 }), async (all, places) => {
        const client = await door.connect()
        for (const piece of cut(all.map(({ text }) => text).join(''), places)) {
          client.send(piece)
          await new Promise((resolve) => setImmediate(resolve)) // most come by themselves
        }
        expect(await client.bodies(all.length)).toEqual(expectedAnswers(all))
        client.socket.destroy()
      }),
      { numRuns: 200, seed: SEED },
    )
    await until(() => door.size() === 0)
  })
})
