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

describe('what is not plain goes to node:http', () => {
  it.each([
    ['a GET', GET, 'node:GET /other '],
    ['a POST elsewhere', plain('1').replace('/graphql', '/other'), 'node:POST /other 1'],
    ['another type', plain('1').replace('application/json', 'text/plain'), 'node:POST /graphql 1'],
    ['a request that is the last', plain('1', 'connection: close\r\n'), 'node:POST /graphql 1'],
    ['what is in no form at all', 'nonsense\r\n\r\n', '400 Bad Request'],
    ['two lengths', plain('1', 'content-length: 1\r\n'), '400 Bad Request'],
  ])('%s, first or later, whole or byte by byte', async (_what, text, answer) => {
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
  })

  it('with what comes behind it, plain or not', async () => {
    const door = await open()
    const client = await door.connect()
    client.send(plain('1') + GET + plain('2'))
    expect(await client.bodies(3)).toEqual(['1', 'node:GET /other ', 'node:POST /graphql 2'])
    client.send(plain('3'))
    expect((await client.bodies(4))[3]).toBe('node:POST /graphql 3')
  })

  it('where the answer is not for this way', async () => {
    for (const nothing of [null, Promise.resolve(null)]) {
      const door = await open({ answer: (body) => (body === '0' ? answered(body) : nothing) })
      const client = await door.connect()
      client.send(plain('0') + plain('{"a":1}') + GET)
      expect(await client.bodies(3)).toEqual(['0', 'node:POST /graphql {"a":1}', 'node:GET /other '])
      await door.close()
    }
  })

  it('when it waits for a word before its body', async () => {
    const client = await (await open()).connect()
    client.send(`${POST}expect: 100-continue\r\ncontent-length: 1\r\n\r\n`)
    await until(() => client.heard() === 'HTTP/1.1 100 Continue\r\n\r\n')
    client.send('1')
    await until(() => client.heard().endsWith('node:POST /graphql 1'))
  })

  it('when a head or a body does not come to its end, and when nothing comes', async () => {
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
    const leaves = [
      (client: WireClient) => void client.socket.destroy(),
      (client: WireClient) => void client.socket.resetAndDestroy(),
      (client: WireClient) => void client.socket.end(), // half closed: as on node:http, nobody waits for an answer
    ]
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

describe('a door that closes', () => {
  it('ends what is idle at once, and what is under way with its answer', async () => {
    const gate = createGate()
    const door = await open({
      answer: (body) => (body === '0' ? answered(body) : gate.opened.then(() => answered(body))),
    })
    const [idle, asking, half] = [await door.connect(), await door.connect(), await door.connect()]
    for (const client of [idle, asking]) client.send(plain('0'))
    await Promise.all([idle.bodies(1), asking.bodies(1)])
    asking.send(plain('1') + plain('2'))
    half.send(plain('3').slice(0, -1))
    await until(() => door.asked.length === 3 && door.sockets.every(({ bytesRead }) => bytesRead > 0))
    const closed = door.service.close()
    await until(idle.ended)
    gate.open()
    half.send('3')
    expect(await asking.bodies(2)).toEqual(['0', '1']) // the one behind is for another server
    expect(await half.bodies(1)).toEqual(['3'])
    for (const client of [asking, half]) expect(client.heard()).toMatch(/connection: close\r\n\r\n[13]$/)
    await closed
  })

  it('cuts off in the end what does not come to one', async () => {
    const door = await open({ answer: () => new Promise(() => undefined) })
    const clients = [await door.connect(), await door.connect(), await door.connect()]
    clients[0]?.send(plain('1'))
    clients[1]?.send(GET.slice(0, -1))
    await until(() => door.asked.length === 1)
    await door.service.close(0)
    for (const client of clients) await until(client.ended)
    expect(door.asked[0]?.departure.cancelled).toBe(true)
  })
})
