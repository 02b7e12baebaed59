import { afterEach, describe, expect, it } from '@jest/globals'
import { createGate, until } from '../../tests/support/until.js'
import {
  answered,
  openTestFrontDoor,
  type TestFrontDoor,
  type TestFrontDoorOptions,
} from '../../tests/support/test-front-door.js'
import type { WireClient } from '../../tests/support/wire-client.js'

let opened: TestFrontDoor | null = null

async function open(options?: TestFrontDoorOptions): Promise<TestFrontDoor> {
  opened = await openTestFrontDoor(options)
  return opened
}
afterEach(async () => {
  await opened?.close()
  opened = null
})

const POST = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n'
const plain = (body: string, more = ''): string =>
  `${POST}${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const GET = 'GET /other HTTP/1.1\r\nhost: a\r\n\r\n'

const leaves = [
  (client: WireClient) => void client.socket.destroy(),
  (client: WireClient) => void client.socket.resetAndDestroy(),
  (client: WireClient) => void client.socket.end(), // half closed: as on node:http, nobody waits for an answer
]

describe('the front door', () => {
  it('answers a plain request in one piece, as node:http would', async () => {
    const client = await (await open()).connect()
    client.send(plain('{"a":1}'))
    await client.bodies(1)
    expect(client.heard().replace(/date: .* GMT/, 'date: now')).toBe(
      [
        'HTTP/1.1 200 OK',
        'x-request-id: id',
        'content-type: text/plain',
        'content-length: 7',
        'cache-control: no-store',
        'x-other: 1',
        'date: now',
        'connection: keep-alive',
        'keep-alive: timeout=5',
        '',
        '{"a":1}',
      ].join('\r\n'),
    )
    const [, date = ''] = /date: (.*)\r/.exec(client.heard()) ?? []
    expect(new Date(date).toUTCString()).toBe(date)
  })

  it('says what is said to pages of the origin', async () => {
    const client = await (await open()).connect()
    client.send(plain('1', 'origin: https://a\r\n') + plain('2', 'origin: https://b\r\n'))
    await client.bodies(2)
    expect(client.heard().match(/x-o.*/g)).toEqual(['x-origin: a', 'x-other: 1'])
  })

  it('counts bytes, not characters', async () => {
    const door = await open({ answer: (body) => answered(body) })
    const client = await door.connect()
    client.socket.write(plain('{"name":"Zoë 🙂"}') + plain('{"next":1}'))
    await until(() => client.heard().endsWith('{"next":1}'))
    expect(client.heard()).toContain('content-length: 20\r\n')
    expect(client.heard()).toContain('\r\n\r\n{"name":"Zoë 🙂"}HTTP/1.1 200 OK')
  })

  it('waits for the rest of a request, wherever it was cut', async () => {
    const door = await open()
    const client = await door.connect()
    const text = plain('{"query":"x"}')
    for (let cut = 1; cut < text.length; cut += 1) {
      const [socket] = door.sockets
      const before = socket?.bytesRead ?? 0
      client.send(text.slice(0, cut))
      await until(() => (socket?.bytesRead ?? 0) === before + cut)
      expect(door.asked).toHaveLength(cut - 1)
      client.send(text.slice(cut))
      await client.bodies(cut)
    }
    expect(door.asked.map(({ body }) => body.toString())).toEqual(Array(text.length - 1).fill('{"query":"x"}'))
    expect(client.heard()).not.toContain('node:')
  })

  it('takes a large body in small pieces', async () => {
    const door = await open()
    const client = await door.connect()
    const body = JSON.stringify('x'.repeat(1_000_000))
    const text = plain(body)
    for (let at = 0; at < text.length; at += 10_000) {
      if (!client.socket.write(text.slice(at, at + 10_000))) await until(() => client.socket.writableLength === 0)
    }
    expect(await client.bodies(1)).toEqual([body])
    expect(door.asked).toHaveLength(1)
  })
})

describe('requests that come before the answer to the one ahead', () => {
  it('are asked and answered one after the other', async () => {
    const gates = [createGate(), createGate(), createGate()]
    const door = await open({ answer: (body) => gates[Number(body)]?.opened.then(() => answered(body)) ?? null })
    const client = await door.connect()
    client.send(plain('0') + plain('1') + plain('2'))
    gates[2]?.open()
    gates[1]?.open()
    await until(() => door.asked.length === 1)
    client.send(GET)
    gates[0]?.open()
    expect(await client.bodies(4)).toEqual(['0', '1', '2', 'node:GET /other '])
  })

  it('are read only so far ahead', async () => {
    const gate = createGate()
    const door = await open({ answer: (body) => gate.opened.then(() => answered(body)) })
    const client = await door.connect()
    const many = 10_000 // nearly a megabyte
    client.send(plain('1').repeat(many))
    await until(() => door.sockets[0]?.isPaused() === true)
    expect(door.asked).toHaveLength(1)
    expect(door.sockets[0]?.bytesRead).toBeLessThan(500_000)
    gate.open()
    await until(() => door.asked.length === many, 30_000)
    await until(() => client.heard().endsWith('1') && client.socket.writableLength === 0)
  })

  it('go to node:http in their order, also those that have not been read yet', async () => {
    const gate = createGate()
    const door = await open({ answer: () => gate.opened.then(() => null) })
    const client = await door.connect()
    const bodies = Array.from({ length: 1_000 }, (_, index) => `${index}`)
    const others = bodies.map((body) => plain(body))
    client.send(plain('first', 'accept: multipart/mixed, application/json\r\n') + others.join(''))
    await until(() => door.sockets[0]?.isPaused() === true)
    gate.open()
    const expected = ['first', ...bodies].map((body) => `node:POST /graphql ${body}`)
    expect(await client.bodies(expected.length)).toEqual(expected)
  })

  it('wait until the client has read what it was told', async () => {
    const large = 'x'.repeat(30_000_000) // more than the system's buffers hold
    const door = await open({ answer: (body) => answered(body === '1' ? large : body) })
    const client = await door.connect()
    client.socket.pause()
    client.send(plain('1') + plain('2'))
    await until(() => door.asked.length === 1 && (door.sockets[0]?.writableLength ?? 0) > 0)
    client.socket.resume()
    await until(() => door.asked.length === 2)
    await until(() => client.heard().endsWith('\r\n\r\n2'), 20_000)
  })
})

describe('a request that is not plain', () => {
  const others: [string, string, string][] = [
    ['a GET', GET, 'node:GET /other '],
    ['an OPTIONS', GET.replace('GET', 'OPTIONS'), 'node:OPTIONS /other '],
    ['a POST elsewhere', plain('1').replace('/graphql', '/other'), 'node:POST /other 1'],
    ['another type', plain('1').replace('application/json', 'text/plain'), 'node:POST /graphql 1'],
    ['a body of nothing', plain(''), 'node:POST /graphql '],
  ]
  const odd: [string, string, string][] = [
    ['the last of its connection', plain('1', 'connection: close\r\n'), 'node:POST /graphql 1'],
    ['in chunks', `${POST}transfer-encoding: chunked\r\n\r\n1\r\n1\r\n0\r\n\r\n`, 'node:POST /graphql 1'],
    [
      'one whose answer may go on',
      GET.replace('\r\n\r\n', '\r\naccept: text/event-stream\r\n\r\n'),
      'node:GET /other ',
    ],
    ['in no form at all', 'nonsense\r\n\r\n', '400 Bad Request'],
    ['of two lengths', plain('1', 'content-length: 1\r\n'), '400 Bad Request'],
  ]

  it.each([...others, ...odd])(
    'is for node:http: %s, first or later, whole or byte by byte',
    async (_what, text, answer) => {
      const door = await open()
      for (const before of ['', plain('0')]) {
        const [whole, cut] = [await door.connect(), await door.connect()]
        whole.send(before + text)
        for (const character of before + text) {
          cut.send(character)
          await new Promise((resolve) => setImmediate(resolve)) // most come by themselves
        }
        for (const client of [whole, cut]) await until(() => client.heard().includes(answer))
      }
      expect(door.asked).toHaveLength(2)
    },
  )

  it.each(others)('and is simple has its connection lent: %s', async (_what, text, answer) => {
    const door = await open()
    const client = await door.connect()
    client.send(plain('1') + text + plain('2') + text)
    expect(await client.bodies(4)).toEqual(['1', answer, '2', answer])
    client.send(text)
    client.send(plain('3'))
    expect((await client.bodies(6)).slice(4)).toEqual([answer, '3'])
    expect(door.asked).toHaveLength(3)
    expect(door.size()).toBe(1)
  })

  it.each(odd)('and is not simple takes its connection with it: %s', async (_what, text) => {
    const door = await open()
    const client = await door.connect()
    client.send(plain('1') + GET + text + plain('2'))
    await client.bodies(2)
    await until(() => door.size() === 0)
    expect(door.asked).toHaveLength(1)
  })

  it('keeps the order, however long its answer takes', async () => {
    const gate = createGate()
    const door = await open({ node: (_request, response) => void gate.opened.then(() => response.end('late')) })
    const client = await door.connect()
    client.send(plain('1') + GET + plain('2'))
    await client.bodies(1)
    client.send(plain('3'))
    await until(() => door.sockets[0]?.bytesRead === client.socket.bytesWritten)
    expect(door.asked).toHaveLength(1)
    gate.open()
    expect(await client.bodies(4)).toEqual(['1', 'late', '2', '3'])
  })

  it('is asked of node:http as by its client', async () => {
    const seen: unknown[] = []
    const door = await open({
      node: (request, response) => {
        seen.push(request.socket.remoteAddress, request.headers)
        response.end()
      },
    })
    const client = await door.connect()
    client.send(GET)
    await client.bodies(1)
    expect(seen).toEqual(['127.0.0.1', { host: 'a' }])
  })

  it('is answered in full to who reads slowly, before anything else', async () => {
    const large = 'x'.repeat(30_000_000) // more than the system's buffers hold
    const door = await open({ node: (_request, response) => response.end(large) })
    const client = await door.connect()
    client.socket.pause()
    client.send(GET + plain('2'))
    await until(() => (door.sockets[0]?.writableLength ?? 0) > 0)
    expect(door.asked).toHaveLength(0)
    client.socket.resume()
    await until(() => client.heard().endsWith('\r\n\r\n2'), 20_000)
    expect(client.heard()).toContain(large)
  })

  it('ends with its client, and its client with it', async () => {
    const closed: boolean[] = []
    const door = await open({
      node: (request, response) => {
        response.once('close', () => closed.push(response.writableFinished))
        if (request.url === '/close') response.writeHead(200, { connection: 'close' }).end('bye')
        if (request.url === '/cut') request.socket.destroy()
      },
    })
    for (const [index, leave] of leaves.entries()) {
      const client = await door.connect()
      client.send(plain('1') + GET)
      await client.bodies(1)
      await until(() => door.size() === 1)
      leave(client)
      await until(() => closed.length === index + 1 && door.size() === 0)
    }
    expect(closed).toEqual([false, false, false])
    for (const path of ['/close', '/cut']) {
      const client = await door.connect()
      client.send(GET.replace('/other', path) + plain('2'))
      await until(client.ended)
      expect(client.heard()).toMatch(path === '/close' ? /bye/ : /^$/)
    }
    expect(door.asked).toHaveLength(3)
  })

  it('is given the time node:http gives it, and the one behind it is not', async () => {
    const door = await open({
      node: (request, response) => {
        response.setTimeout(50)
        if (request.url !== '/silent') response.end('said')
      },
    })
    const client = await door.connect()
    client.send(GET + plain('1'))
    expect(await client.bodies(2)).toEqual(['said', '1'])
    expect(door.sockets[0]?.timeout).toBe(0)
    client.send(GET.replace('/other', '/silent'))
    await until(client.ended)
  })

  it('is one whose answer is not for this way', async () => {
    for (const nothing of [null, Promise.resolve(null)]) {
      const door = await open({ answer: (body) => (body === '0' ? answered(body) : nothing) })
      const client = await door.connect()
      client.send(plain('0') + plain('{"a":1}') + GET + plain('0'))
      expect(await client.bodies(4)).toEqual(['0', 'node:POST /graphql {"a":1}', 'node:GET /other ', '0'])
      await door.close()
    }
  })

  it('is one that waits for a word before its body', async () => {
    const client = await (await open()).connect()
    client.send(`${POST}expect: 100-continue\r\ncontent-length: 1\r\n\r\n`)
    await until(() => client.heard() === 'HTTP/1.1 100 Continue\r\n\r\n')
    client.send('1')
    await until(() => client.heard().endsWith('node:POST /graphql 1'))
  })

  it('is one that does not come to its end, or not at all', async () => {
    const door = await open({ sweepMs: 5, incompleteMs: 20 })
    const starts = ['', 'POST /gra', POST, plain('12').slice(0, -1), plain('0') + plain('12').slice(0, -1)]
    const clients = await Promise.all(starts.map(async (start) => ({ start, client: await door.connect() })))
    for (const { start, client } of clients) client.send(start)
    await until(() => door.size() === 0)
    for (const { start, client } of clients) {
      const text = (start.startsWith(plain('0')) ? plain('0') : '') + plain('12')
      client.send(text.slice(start.length))
      await until(() => client.heard().endsWith('node:POST /graphql 12'))
    }
    expect(door.asked).toHaveLength(1)
  })
})

describe('a connection', () => {
  it('is closed when nothing more comes over it, and kept while something is under way', async () => {
    const door = await open({
      sweepMs: 5,
      keepAliveMs: 10,
      answer: (body) => (body === '1' ? answered('1') : new Promise(() => undefined)),
    })
    const [waiting, idle] = [await door.connect(), await door.connect()]
    waiting.send(plain('0'))
    await until(() => door.asked.length === 1)
    idle.send(plain('1'))
    await until(idle.ended)
    expect(waiting.ended()).toBe(false)
    expect(door.size()).toBe(1)
  })

  it('whose client leaves tells so to whoever works for it', async () => {
    const door = await open({ answer: () => new Promise(() => undefined) })
    for (const [index, leave] of leaves.entries()) {
      const client = await door.connect()
      client.send(plain('1'))
      await until(() => door.asked.length === index + 1)
      expect(door.asked[index]?.departure.cancelled).toBe(false)
      leave(client)
      await until(() => door.asked[index]?.departure.cancelled === true)
    }
    await until(() => door.size() === 0)
  })

  it('whose client leaves in order after its answer tells nothing', async () => {
    const door = await open()
    const client = await door.connect()
    client.send(plain('1'))
    await client.bodies(1)
    client.socket.end()
    await until(client.ended)
    expect(door.asked[0]?.departure.cancelled).toBe(false)
    expect(client.heard()).not.toContain('400')
  })

  it('that ends within a request is told so', async () => {
    const door = await open()
    const client = await door.connect()
    client.socket.end(plain('12').slice(0, -1))
    await until(client.ended)
    expect(client.heard()).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')
  })

  it('is closed where answering fails', async () => {
    const door = await open({ answer: () => Promise.reject(new Error('a bug')) })
    const client = await door.connect()
    client.send(plain('1'))
    await until(client.ended)
    expect(client.heard()).toBe('')
  })
})
