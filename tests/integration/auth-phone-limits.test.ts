import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { createEventRow } from '../../platform/bus/event-row.js'
import { userErasureRequested } from '../../schema/contracts/user-erasure-requested.js'
import { codes, rowsOf, startAuth, visitor, type StartAuthOptions, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const message = z.object({ id: z.uuid(), to: z.string(), text: z.string() })

/** A gateway as docs/accounts.md describes one; `answer` is its status. */
async function smsGateway(answer: () => number = () => 200) {
  const received: z.output<typeof message>[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push(message.parse(JSON.parse(body)))
      response.writeHead(answer()).end('{"id":"taken"}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { received, smsUrl: `http://127.0.0.1:${port}/` }
}

async function start(options: StartAuthOptions): Promise<StartedAuth> {
  const auth = await startAuth(options)
  open.push(() => auth.close())
  return auth
}

const newcomer = async (auth: StartedAuth) => (await (await visitor(auth).newcomer()).signIn()).accessToken
const register = (auth: StartedAuth, token: string, number: string) =>
  auth.ask('mutation ($number: String!) { registerPhone(number: $number) { number } }', { number }, token)
const numberOf = (index: number) => `+4474001${String(index).padStart(5, '0')}`

describe('codes sent through a gateway', () => {
  it('wait while it is away, through a restart of the service, and go out with the same id and code', async () => {
    let status = 503
    const { received, smsUrl } = await smsGateway(() => status)
    const auth = await start({ smsUrl })
    const token = await newcomer(auth)
    await register(auth, token, numberOf(1))
    await until(() => received.length === 1)
    await auth.stop()
    status = 200
    auth.weather.aheadMs += 60_000 // past the wait for another try
    await auth.start()
    await until(() => received.length === 2)
    expect(received[1]).toEqual(received[0])
    const code = received[1]?.text.slice(0, 6)
    const { data } = await auth.ask(
      'mutation ($code: String!) { verifyPhone(code: $code) { number } }',
      { code },
      token,
    )
    expect(data).toEqual({ verifyPhone: { number: '+44••••••••01' } })
  })

  it('are not sent any more when they are over, nor after a refusal for good', async () => {
    const { received, smsUrl } = await smsGateway(() => (received.length === 1 ? 503 : 422))
    const auth = await start({ smsUrl })
    const token = await newcomer(auth)
    const due = (number: string) => rowsOf(auth, 'SELECT due_at FROM auth.sms_codes WHERE number = $1', [number])
    await register(auth, token, numberOf(1))
    await until(() => received.length === 1)
    auth.weather.aheadMs += 300_000
    await register(auth, token, numberOf(2))
    await until(async () => (await due(numberOf(2)))[0]?.due_at === null)
    expect(received.map(({ to }) => to)).toEqual([numberOf(1), numberOf(2)])
  })
})

describe('text messages cost money', () => {
  it('so that few go out in a day: for an account, to a number, for an address', async () => {
    const auth = await start({})
    const tokens = [await newcomer(auth), await newcomer(auth), await newcomer(auth), await newcomer(auth)]
    const [one, other] = [tokens[0] ?? '', tokens[1] ?? '']
    const later = async (token: string, number: string) => {
      auth.weather.aheadMs += 60_000
      return codes(await register(auth, token, number))
    }
    const refused = ['RATE_LIMIT_EXCEEDED']

    for (let index = 0; index < 5; index += 1) expect(await later(index % 2 ? one : other, numberOf(0))).toEqual([])
    expect(await later(one, numberOf(0))).toEqual(refused)
    expect(await later(tokens[2] ?? '', numberOf(0))).toEqual(refused)
    expect(await later(one, numberOf(1))).toEqual([])

    auth.weather.aheadMs += 86_400_000
    for (let index = 0; index < 10; index += 1) expect(await later(one, numberOf(index))).toEqual([])
    expect(await later(one, numberOf(10))).toEqual(refused)

    for (let index = 10; index < 30; index += 1)
      expect(await later(tokens[index < 20 ? 1 : 2] ?? '', numberOf(index))).toEqual([])
    expect(await later(tokens[3] ?? '', numberOf(30))).toEqual(refused)
  }, 120_000)

  it('so that who is erased is not forgotten to have been sent one, but by whom and to which number', async () => {
    const auth = await start({ mostSmsADay: 2 })
    const { accessToken, user } = await (await visitor(auth).newcomer()).signIn()
    expect(codes(await register(auth, accessToken, numberOf(1)))).toEqual([])
    const sent = () => rowsOf(auth, 'SELECT account_id, number, ip_address, network, attempts FROM auth.sms_codes')
    await until(async () => (await sent())[0]?.attempts === 1)
    const asked = { erasureId: crypto.randomUUID(), userId: user.id, services: ['auth'] }
    const { subject, envelope } = createEventRow(userErasureRequested, asked)
    await auth.engines.bus.publish(subject, envelope)
    await until(async () => (await rowsOf(auth, 'SELECT 1 FROM auth.accounts')).length === 0)

    expect(await sent()).toEqual([{ account_id: null, number: '', ip_address: null, network: '', attempts: 1 }])
    expect(codes(await register(auth, await newcomer(auth), numberOf(2)))).toEqual(['RATE_LIMIT_EXCEEDED'])
  }, 120_000)

  it('so that half of what may go out in a day is kept for those who have a phone', async () => {
    const auth = await start({ mostSmsADay: 4 })
    const answers = []
    for (let index = 0; index < 3; index += 1) answers.push(await register(auth, await newcomer(auth), numberOf(index)))
    expect(answers.map(codes)).toEqual([[], [], ['RATE_LIMIT_EXCEEDED']])
  }, 120_000)
})
