import { afterEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { MailRefusedError, MailUnavailableError, type Mailer } from './mail.js'
import { createSmtpMailer } from './smtp-mailer.js'

const mail = { to: 'ada@example.com', subject: 'Confirm: café', text: 'Grüße,\n.\nthe last line' }

interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly source: string
}

const open: { close(): unknown }[] = []
afterEach(() => Promise.all(open.splice(0).map((each) => each.close())))

async function listen(options: SMTPServerOptions = {}) {
  const received: Received[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      let source = ''
      stream.setEncoding('latin1')
      stream.on('data', (chunk: string) => (source += chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        received.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), source })
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {}) // a client that is refused hangs up
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  open.push({ close: () => new Promise<void>((resolve) => server.close(() => resolve())) })
  return { received, port: (server.server.address() as AddressInfo).port }
}

function mailerTo(port: number, credentials = ''): Mailer {
  const mailer = createSmtpMailer({
    url: `smtp://${credentials}127.0.0.1:${port}`,
    from: 'Biometrics <no-reply@example.com>',
    patienceMs: 2_000,
  })
  open.unshift(mailer)
  return mailer
}

describe('the SMTP mailer', () => {
  it('hands a mail to the server, unharmed by a lone dot and other languages', async () => {
    const { received, port } = await listen()
    await mailerTo(port).send(mail)
    expect(received).toMatchObject([{ from: 'no-reply@example.com', to: ['ada@example.com'] }])
    const [{ source } = { source: '' }] = received
    expect(source).toMatch(/^From: Biometrics <no-reply@example\.com>\r$/m)
    expect(source).toMatch(/^Subject: =\?UTF-8\?/m)
    const body = source.slice(source.indexOf('\r\n\r\n') + 4)
    expect(decodeQuotedPrintable(body)).toBe('Grüße,\r\n.\r\nthe last line\r\n')
  })

  it('signs in with the credentials of its address', async () => {
    const seen: unknown[] = []
    const { received, port } = await listen({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, done) {
        seen.push([username, password])
        done(null, { user: username })
      },
    })
    await mailerTo(port, 'mailer:p%40ss@').send(mail)
    expect(seen).toEqual([['mailer', 'p@ss']])
    expect(received).toHaveLength(1)
  })

  it('does not take a comma in an address for a second receiver', async () => {
    const { received, port } = await listen()
    const sent = mailerTo(port).send({ ...mail, to: '"ada, eve@evil.example"@example.com' })
    await sent.catch(() => {})
    expect(received.flatMap(({ to }) => to)).not.toContain('eve@evil.example')
  })

  it('knows a refusal for good from one for now, and tells neither address nor host', async () => {
    const never = await listen({ onRcptTo: (_address, _session, done) => done(refusal(550)) })
    const later = await listen({ onRcptTo: (_address, _session, done) => done(refusal(451)) })
    await expect(mailerTo(never.port).send(mail)).rejects.toThrow(MailRefusedError)
    await expect(mailerTo(later.port).send(mail)).rejects.toThrow(MailUnavailableError)
    const told = await mailerTo(never.port)
      .send(mail)
      .catch((error: unknown) => String(error))
    expect(told).not.toMatch(/example|127|ada/)
  })

  it('calls a wrong password and a server that is away something to try later', async () => {
    const locked = await listen({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refusal(535)),
    })
    await expect(mailerTo(locked.port, 'a:b@').send(mail)).rejects.toThrow(MailUnavailableError)
    const { port } = await listen()
    await Promise.all(open.splice(0).map((each) => each.close()))
    await expect(mailerTo(port).send(mail)).rejects.toThrow(MailUnavailableError)
  })
})

function refusal(responseCode: number): Error {
  return Object.assign(new Error('no'), { responseCode })
}

function decodeQuotedPrintable(text: string): string {
  const bytes = text
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
