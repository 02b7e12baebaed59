import { afterEach, describe, expect, it } from '@jest/globals'
import { SMTPServer } from 'smtp-server'
import { freePort } from '../../platform/service/free-port.js'
import { startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

/** A mail server; `answer` is its reply to what is sent. */
async function mailServer(port: number, answer: () => number = () => 250) {
  const sources: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, _session, done) {
      let source = ''
      stream.on('data', (chunk: Buffer) => (source += chunk.toString('latin1')))
      stream.on('end', () => {
        const responseCode = answer()
        if (responseCode === 250) sources.push(source.replaceAll('=\r\n', '').replaceAll('=3D', '='))
        done(responseCode === 250 ? null : Object.assign(new Error('no'), { responseCode }))
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  open.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) })
  return { sources }
}

async function strictAuth(port: number): Promise<StartedAuth> {
  const auth = await startAuth({ needsConfirmation: true, smtpUrl: `smtp://127.0.0.1:${port}` })
  open.unshift(auth)
  return auth
}

describe('security mail by SMTP', () => {
  it('waits while the server is away, through a restart of the service, and goes out once', async () => {
    const port = await freePort()
    const auth = await strictAuth(port)
    const { email } = await visitor(auth).newcomer()
    await auth.stop()
    const { sources } = await mailServer(port)
    auth.weather.aheadMs += 600_000 // past every wait for another try
    await auth.start()
    await until(() => sources.length > 0)
    expect(sources[0]).toContain(`To: ${email}`)
    expect(sources[0]).toMatch(/https:\/\/app\.example\.com\/verify-email#token=[\w-]{43}/)
    await auth.stop()
    await auth.start()
    expect(sources).toHaveLength(1)
  })

  it('tries again after a refusal for now, and never after one for good', async () => {
    const port = await freePort()
    const replies = [451, 550, 250]
    const seen: number[] = []
    const { sources } = await mailServer(port, () => {
      seen.push(replies.shift() ?? 250)
      return seen.at(-1) ?? 250
    })
    const auth = await strictAuth(port)
    await visitor(auth).newcomer()
    await until(() => seen.length === 1)
    await auth.stop() // the worker has noted when to try again
    auth.weather.aheadMs += 600_000
    await auth.start()
    await until(() => seen.length === 2) // refused for good
    await auth.stop()
    auth.weather.aheadMs += 7_200_000
    await auth.start()
    await visitor(auth).newcomer()
    await until(() => sources.length === 1)
    expect(seen).toEqual([451, 550, 250])
  })

  it('has no development mailbox', async () => {
    const auth = await strictAuth(await freePort())
    const { errors } = await auth.ask('{ developmentMails(to: "ada@example.com") { text } }')
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['AUTHZ_FORBIDDEN'])
  })
})
