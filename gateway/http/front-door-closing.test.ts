import { afterEach, describe, expect, it } from '@jest/globals'
import { createGate, until } from '../../tests/support/until.js'
import {
  answered,
  openTestFrontDoor,
  type TestFrontDoor,
  type TestFrontDoorOptions,
} from '../../tests/support/test-front-door.js'

let opened: TestFrontDoor | null = null

async function open(options: TestFrontDoorOptions): Promise<TestFrontDoor> {
  opened = await openTestFrontDoor(options)
  return opened
}
afterEach(async () => {
  await opened?.close()
  opened = null
})

const POST = 'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n'
const plain = (body: string): string => `${POST}content-length: ${body.length}\r\n\r\n${body}`
const GET = 'GET /other HTTP/1.1\r\nhost: a\r\n\r\n'

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

  it('lets who reads slowly come to the end of an answer, and no further', async () => {
    const large = 'x'.repeat(30_000_000) // more than the system's buffers hold
    const door = await open({ answer: () => answered(large) })
    const client = await door.connect()
    client.socket.pause()
    client.send(plain('1'))
    await until(() => (door.sockets[0]?.writableLength ?? 0) > 0)
    const closed = door.service.close(60_000)
    client.socket.resume()
    await until(client.ended, 20_000)
    expect(client.heard().endsWith(large)).toBe(true)
    await closed
  })

  it('cuts off in the end what does not come to one', async () => {
    const door = await open({ answer: () => new Promise(() => undefined) })
    const clients = [await door.connect(), await door.connect(), await door.connect()]
    clients[0]?.send(plain('1'))
    clients[1]?.send(GET.slice(0, -1))
    clients[2]?.send(GET)
    await until(() => door.asked.length === 1 && door.sockets.every(({ bytesRead }) => bytesRead > 0))
    await door.service.close(0)
    for (const client of clients) await until(client.ended)
    expect(door.asked[0]?.departure.cancelled).toBe(true)
  })
})
