import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttpSmsSender } from './http-sms-sender.js'
import { SmsRefusedError, SmsUnavailableError } from './sms.js'

const sms = { id: '8f2b', to: '+447400123456', text: '123456 is your code.' }

const open: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(open.splice(0).map((close) => close())))

type Reply = (response: ServerResponse) => void

/** A gateway on this machine; what it was sent. */
async function gateway(reply: Reply) {
  const received: { readonly headers: IncomingHttpHeaders; readonly body: unknown }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push({ headers: request.headers, body: JSON.parse(body) })
      reply(response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { received, url: `http://127.0.0.1:${port}/messages` }
}

const answers =
  (status: number, body: string): Reply =>
  (response) =>
    void response.writeHead(status).end(body)

const send = (url: string, patienceMs = 60_000) =>
  createHttpSmsSender({ url, token: 's3cret', from: 'Biometrics', patienceMs }).send(sms)

describe('the SMS sender over HTTP', () => {
  it('posts the message with its token, and names it so that a second try is known', async () => {
    const { url, received } = await gateway(answers(202, '{"id":"carrier-1"}'))
    await send(url)
    await createHttpSmsSender({ url, token: null, from: null }).send(sms)
    expect(received[0]?.body).toEqual({ ...sms, from: 'Biometrics' })
    expect(received[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret', 'idempotency-key': '8f2b' })
    expect(received[1]?.body).toEqual(sms)
    expect(received[1]?.headers).not.toHaveProperty('authorization')
  })

  it.each([400, 404, 410, 422])('never tries again after %i', async (status) => {
    const { url } = await gateway(answers(status, ''))
    await expect(send(url)).rejects.toThrow(SmsRefusedError)
  })

  it.each<[string, Reply]>([
    ['a token that is not accepted', answers(401, '')],
    ['too many messages', answers(429, '')],
    ['an outage', answers(503, '')],
    ['a page in place of JSON', answers(200, '<html>')],
    ['JSON without an id', answers(200, '{"ok":true}')],
    ['an answer without end', answers(200, `{"id":"${'x'.repeat(20_000)}"}`)],
    ['another address, which is not followed', (response) => void response.writeHead(307, { location: '/' }).end()],
    ['a connection that breaks', (response) => void response.destroy()],
  ])('tries later after %s', async (_what, reply) => {
    const { url, received } = await gateway(reply)
    await expect(send(url)).rejects.toThrow(SmsUnavailableError)
    expect(received).toHaveLength(1)
  })

  it('waits no longer than it is told for a gateway that does not answer', async () => {
    const { url } = await gateway(() => {})
    await expect(send(url, 50)).rejects.toThrow(SmsUnavailableError)
  })

  it('tells neither number nor text nor token nor address when it fails', async () => {
    const { url } = await gateway((response) => void response.destroy())
    const error = await send(url).catch((caught: unknown) => caught)
    const told = error instanceof Error ? JSON.stringify([error.message, error.stack, error.cause]) : ''
    expect(told).toContain('can not be sent')
    expect(told).not.toMatch(/7400|123456|s3cret|127\.0\.0\.1:/)
  })
})
