import { createServer, type Server } from 'node:http'
import { afterEach, expect, it } from '@jest/globals'
import { createProviderFetch } from './provider-fetch.js'

let server: Server | undefined
afterEach(() => new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve))))

async function serving(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const opened = createServer(answer ?? (() => undefined))
  server = opened
  await new Promise<void>((resolve) => opened.listen(0, '127.0.0.1', resolve))
  const address = opened.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

it('asks nothing in the clear for a provider of the network, also where its metadata names this machine', async () => {
  let asked = 0
  const local = await serving((_req, res) => void ((asked += 1), res.end()))
  const ask = createProviderFetch('https://id.example.com')
  await expect(ask(`${local}/keys`, {})).rejects.toThrow('not encrypted')
  expect(asked).toBe(0)
})

it('leaves this machine in the clear for no provider that is on it', async () => {
  const ask = createProviderFetch('http://localhost:8090')
  for (const elsewhere of [
    'http://169.254.169.254/latest',
    'http://id.example.com/keys',
    'http://127.0.0.1.example.com/',
  ])
    await expect(ask(elsewhere, {})).rejects.toThrow('not encrypted')
})

it('follows no redirection', async () => {
  const local = await serving((req, res) => {
    res.writeHead(req.url === '/secret' ? 200 : 302, { location: '/secret' }).end(req.url)
  })
  const response = await createProviderFetch(local)(local, {})
  expect([response.status, await response.text()]).toEqual([302, '/'])
})

it('reads a megabyte and no more', async () => {
  const local = await serving((req, res) => void res.end(Buffer.alloc(req.url === '/much' ? 1_048_577 : 1_048_576)))
  const ask = createProviderFetch(local)
  await expect(ask(`${local}/much`, {})).rejects.toThrow('too much')
  expect((await (await ask(local, {})).arrayBuffer()).byteLength).toBe(1_048_576)
})
