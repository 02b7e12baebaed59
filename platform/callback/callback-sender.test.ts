import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSelfSignedCertificate } from '../../tests/support/self-signed-certificate.js'
import { createCallbackSender, type CallbackSender } from './callback-sender.js'
import { createReachableNetworks } from './reachable-networks.js'

const certificate = createSelfSignedCertificate()
const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A receiver on the loopback, and how many connections it has had. */
async function receiver(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer({ key: certificate.key, cert: certificate.cert }, answer).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const seen = { connections: 0 }
  server.on('connection', () => (seen.connections += 1))
  const { port } = server.address() as AddressInfo
  return { port, seen, url: `https://localhost:${port}/hook` }
}

const toLoopback = (patienceMs?: number): CallbackSender =>
  createCallbackSender({
    networks: createReachableNetworks(['127.0.0.0/8', '::1/128']),
    authorities: [certificate.cert],
    ...(patienceMs !== undefined && { patienceMs }),
  })
const callback = (url: string) => ({ url, headers: { 'webhook-id': '1' }, body: '{"a":1}' })

describe('a callback', () => {
  it('brings its body and headers', async () => {
    let got = ''
    const { url } = await receiver((request, response) => {
      request.on('data', (chunk: Buffer) => (got += chunk.toString()))
      request.on('end', () => {
        got += ` ${request.method} ${request.url} ${request.headers['webhook-id']} ${request.headers['content-type']}`
        response.writeHead(204).end()
      })
    })
    expect(await toLoopback()(callback(url))).toBe('taken')
    expect(got).toBe('{"a":1} POST /hook 1 application/json')
  })

  it.each([301, 307, 400, 410, 500])('is refused by a status of %i, and followed nowhere', async (status) => {
    const other = await receiver((_request, response) => response.writeHead(200).end())
    const { url } = await receiver((_request, response) => response.writeHead(status, { location: other.url }).end())
    expect(await toLoopback()(callback(url))).toBe('refused')
    expect(other.seen.connections).toBe(0)
  })

  it('waits no longer than it is told, and reads no more than a status', async () => {
    const silent = await receiver(() => undefined)
    expect(await toLoopback(300)(callback(silent.url))).toBe('unreachable')
    const endless = await receiver((_request, response) => {
      response.writeHead(200)
      const pour = () => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', pour)
      }
      pour()
    })
    expect(await toLoopback()(callback(endless.url))).toBe('taken')
  })

  it('is not sent to a name that leads to a closed network, nor to such an address, and makes no connection', async () => {
    const { seen, port, url } = await receiver((_request, response) => response.end())
    const send = createCallbackSender({ networks: createReachableNetworks(), authorities: [certificate.cert] })
    const addresses = [`https://127.0.0.1:${port}/`, `https://[::1]:${port}/`, `https://[::ffff:127.0.0.1]:${port}/`]
    for (const closed of [url, ...addresses, `https://2130706433:${port}/`, `https://0x7f.1:${port}/`]) {
      expect([closed, await send(callback(closed))]).toEqual([closed, 'closed'])
    }
    expect(seen.connections).toBe(0)
  })

  it('is not sent without TLS, nor to who can not prove to be meant', async () => {
    const { url } = await receiver((_request, response) => response.end())
    expect(await toLoopback()(callback(url.replace('https:', 'http:')))).toBe('closed')
    const unknowing = createCallbackSender({ networks: createReachableNetworks(['127.0.0.0/8', '::1/128']) })
    expect(await unknowing(callback(url))).toBe('unreachable')
  })
})
