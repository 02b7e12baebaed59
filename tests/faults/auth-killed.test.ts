/** What auth has taken on is done although its process is killed: mails and text messages are rows before anybody is answered. */
import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'
import type { AuthProgramArgument } from '../support/programs/auth-subgraph.js'
import { until } from '../support/until.js'

const PATIENCE_MS = 60_000 // a process is started three times, on a machine that may be busy
const PAST_THE_LEASE_MS = 60_000

const message = z.object({ id: z.uuid(), to: z.string(), text: z.string() })
const received: z.output<typeof message>[] = []
let answer: (response: ServerResponse) => void
let gateway: Server
let database: TestDatabase
let client: pg.Client
const processes: ChildProcess[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
  gateway = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      received.push(message.parse(JSON.parse(body)))
      answer(response)
    })
  })
  gateway.listen(0, '127.0.0.1')
  await once(gateway, 'listening')
}, PATIENCE_MS)
afterEach(() => processes.splice(0).forEach((each) => each.kill('SIGKILL')))
afterAll(async () => {
  gateway.closeAllConnections()
  gateway.close()
  await client.end()
  await database.drop()
})

const taken = (response: ServerResponse) => void response.writeHead(200).end('{"id":"taken"}')
const silence = () => undefined

/** Auth in a process of its own. */
async function start(aheadMs: number) {
  const { port } = gateway.address() as AddressInfo
  const argument: AuthProgramArgument = { databaseUrl: database.url, smsUrl: `http://127.0.0.1:${port}/`, aheadMs }
  const program = path.join(projectRoot, 'tests', 'support', 'programs', 'auth-subgraph.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program, JSON.stringify(argument)], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.push(child)
  const [text] = await once(child.stdout, 'data')
  const url = `http://127.0.0.1:${Number(text)}/graphql`
  return {
    async ask(
      query: string,
      variables: Record<string, unknown> = {},
      token?: string,
    ): Promise<Record<string, unknown>> {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors } = z
        .object({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.unknown().optional() })
        .parse(await response.json())
      if (errors !== undefined || !data) throw new Error(`Refused: ${JSON.stringify(errors)}`)
      return data
    },
    /** Without a goodbye; resolves when it is gone. */
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

type Auth = Awaited<ReturnType<typeof start>>

const password = 'winding gravel teapot'
async function newcomer(auth: Auth, email: string): Promise<string> {
  await auth.ask('mutation ($input: RegisterInput!) { register(input: $input) { email } }', {
    input: { email, password, name: 'Ada' },
  })
  const login = 'mutation ($input: LoginInput!) { login(input: $input) { ... on AuthPayload { accessToken } } }'
  const data = await auth.ask(login, { input: { email, password } })
  return z.object({ login: z.object({ accessToken: z.string() }) }).parse(data).login.accessToken
}

it(
  'a code that was on its way goes out again with the same id, is good, and goes out no third time',
  async () => {
    answer = silence
    const first = await start(0)
    const token = await newcomer(first, 'ada@example.com')
    const register = (auth: Auth, number: string) =>
      auth.ask('mutation ($number: String!) { registerPhone(number: $number) { number } }', { number }, token)
    await register(first, '+447400123001')
    await until(() => received.length === 1, PATIENCE_MS) // the gateway has it, and says nothing
    await first.kill()

    answer = taken
    const second = await start(PAST_THE_LEASE_MS)
    await until(() => received.length === 2, PATIENCE_MS)
    expect(received[1]).toEqual(received[0])
    const settled = async () =>
      (await client.query('SELECT 1 FROM auth.sms_codes WHERE due_at IS NOT NULL')).rows.length === 0
    await until(settled, PATIENCE_MS)
    await second.kill()

    const third = await start(3 * PAST_THE_LEASE_MS)
    const code = received[0]?.text.slice(0, 6)
    expect(
      await third.ask('mutation ($code: String!) { verifyPhone(code: $code) { number } }', { code }, token),
    ).toEqual({ verifyPhone: { number: '+44••••••••01' } })
    const other = await newcomer(third, 'bob@example.com')
    await third.ask('mutation { registerPhone(number: "+447400123002") { number } }', {}, other)
    await until(() => received.length === 3, PATIENCE_MS)
    expect(received.map(({ to }) => to)).toEqual(['+447400123001', '+447400123001', '+447400123002'])
  },
  4 * PATIENCE_MS,
)

it(
  'a mail for a new password that was asked for is sent by the process that comes next',
  async () => {
    answer = taken
    const first = await start(0)
    const email = 'grace@example.com'
    await newcomer(first, email)
    const holder = new pg.Client({ connectionString: database.url })
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query('LOCK TABLE auth.security_mails IN ACCESS EXCLUSIVE MODE') // nobody comes to note the mail
    await first.ask('mutation ($email: String!) { requestPasswordReset(email: $email) { email } }', { email })
    await first.kill()
    await holder.query('ROLLBACK')
    await holder.end()

    const second = await start(0)
    const subjects = async () =>
      JSON.stringify(await second.ask('query ($to: String!) { developmentMails(to: $to) { subject } }', { to: email }))
    await until(async () => (await subjects()).includes('Choose a new password'), PATIENCE_MS)
    expect((await client.query('SELECT 1 FROM auth.mail_requests')).rows).toEqual([])
  },
  4 * PATIENCE_MS,
)
