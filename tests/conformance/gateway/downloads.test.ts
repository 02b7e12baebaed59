import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, IncomingMessage, request, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { readGatewayConfig } from '../../../gateway/config.js'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'

const MOST_MS = 30_000
const MAX_BYTES = 1_000_000

let graph: TestGraph
let gateway: TestGateway
let impatient: TestGateway
let media: Server
let asked: IncomingMessage[] = []
let answer: RequestListener = (_request, response) => response.end()

beforeAll(async () => {
  graph = await startTestSubgraphs({ media: { typeDefs: 'type Query { ok: Boolean }' } })
  media = createServer((incoming, response) => {
    asked.push(incoming)
    answer(incoming, response)
  })
  media.listen(0, '127.0.0.1')
  await once(media, 'listening')
  const { port } = media.address() as AddressInfo
  const environment = {
    GATEWAY_SUBGRAPH_URLS: `media=http://127.0.0.1:${port}/graphql`,
    GATEWAY_DOWNLOADS: '/files/=media, /gone/=nobody',
  }
  const { downloads } = readGatewayConfig(environment, [])
  const start = (bounds: Partial<typeof downloads>) =>
    startTestGateway(graph.supergraph, { environment, config: { downloads: { ...downloads, ...bounds } } })
  gateway = await start({ maxBytes: MAX_BYTES, maxOpen: 3 })
  impatient = await start({ idleMs: 300 })
}, 60_000)
afterEach(() => {
  asked = []
})
afterAll(async () => {
  await gateway?.close()
  await impatient?.close()
  media?.closeAllConnections()
  media?.close()
  await graph?.close()
})

const at = (path: string) => new URL(path, gateway.url)
const get = (path: string, init: RequestInit = {}) => fetch(at(path), { redirect: 'manual', ...init })
const refusal = z.object({
  errors: z.tuple([z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })]),
})

async function refused(response: Response): Promise<string> {
  return refusal.parse(await response.json()).errors[0].extensions.code
}

/** As it is written, without the tidying of `fetch`. */
async function exactly(path: string, method = 'GET'): Promise<number | undefined> {
  const sent = request({ host: '127.0.0.1', port: gateway.running.port, path, method })
  sent.end()
  const [received] = await once(sent, 'response')
  if (!(received instanceof IncomingMessage)) throw new Error('No response came.')
  received.resume()
  return received.statusCode
}

describe('a file of a subgraph', () => {
  it('comes as it is, with what a file needs and nothing else of the subgraph’s', async () => {
    const bytes = randomBytes(300_000)
    answer = (_request, response) => {
      response.writeHead(200, {
        'content-type': 'application/zip',
        'content-length': bytes.byteLength,
        'content-disposition': 'attachment; filename="a.zip"',
        'set-cookie': 'session=1',
        server: 'media/1.2 on host-7',
        'x-powered-by': 'node',
        'access-control-allow-origin': '*',
        'content-security-policy': "default-src 'unsafe-inline'",
      })
      response.end(bytes)
    }
    const response = await get('/files/abc-_.~9', {
      headers: {
        cookie: 'a=b',
        authorization: 'Bearer secret',
        range: 'bytes=0-1',
        'x-request-id': 'one',
        accept: '*/*',
      },
    })
    expect(response.status).toBe(200)
    const received = Buffer.from(await response.arrayBuffer())
    expect(createHash('sha256').update(received).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'))
    const { headers } = response
    expect(headers.get('content-type')).toBe('application/zip')
    expect(headers.get('content-length')).toBe('300000')
    expect(headers.get('content-disposition')).toBe('attachment; filename="a.zip"')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    for (const name of ['set-cookie', 'server', 'x-powered-by', 'access-control-allow-origin']) {
      expect(headers.get(name)).toBeNull()
    }
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /files/abc-_.~9'])
    const sent = asked[0]?.headers ?? {}
    expect(sent['x-request-id']).toBe('one')
    expect(sent['x-forwarded-for']).toMatch(/127\.0\.0\.1/)
    expect(Object.keys(sent).sort()).toEqual(
      ['accept-encoding', 'connection', 'host', 'x-forwarded-for', 'x-request-id'].sort(),
    )
  })

  it('is something to keep and no page, whatever the subgraph says', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-disposition': 'inline' })
      response.end('<script>alert(1)</script>')
    }
    const { headers } = await get('/files/page')
    expect(headers.get('content-disposition')).toBe('attachment')
  })

  it('can be asked about by HEAD', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': 7 }).end()
    const response = await get('/files/a', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '7'])
    expect(asked[0]?.method).toBe('HEAD')
  })

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('is not reached by %s', async (method) => {
    const response = await get('/files/a', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    expect(asked).toEqual([])
  })

  it.each([
    '/files/',
    '/files/..',
    '/files/../graphql',
    '/files/a/b',
    '/files//evil.example',
    '/files/%2e%2e%2fgraphql',
    '/files/a%0d%0ax',
    '/files/a?to=b',
    '/files/a;b',
    '/files/@evil.example',
    '/files/\\evil.example',
    `/files/${'a'.repeat(513)}`,
    '/gone/a',
    '/filesystem/a',
    '/other/a',
  ])('is nowhere but in one plain segment: %s', async (path) => {
    expect(await exactly(path)).toBe(404)
    expect(asked).toEqual([])
  })

  it('is refused in the subgraph’s words where these are of the closed list, and else without any', async () => {
    answer = (_request, response) => {
      const body = {
        errors: [{ message: 'This link was used.', extensions: { code: 'RES_NOT_FOUND', stack: 'at x' } }],
      }
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const known = await get('/files/a')
    expect(known.status).toBe(404)
    const text = await known.text()
    expect(text).toContain('This link was used.')
    expect(text).not.toContain('at x')
    for (const [status, code] of [
      [404, 'RES_NOT_FOUND'],
      [500, 'SUBGRAPH_BAD_RESPONSE'],
      [206, 'SUBGRAPH_BAD_RESPONSE'],
      [503, 'SUBGRAPH_UNAVAILABLE'],
    ] as const) {
      answer = (_request, response) => response.writeHead(status).end('Error: connect 10.0.0.7:5432 at db.ts:1')
      const response = await get('/files/a')
      const said = await response.text()
      expect(said).toContain(code)
      expect(said).not.toMatch(/10\.0\.0\.7|db\.ts/)
    }
  })

  it('is not where a redirect leads', async () => {
    answer = (_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    const response = await get('/files/a')
    expect([response.status, response.headers.get('location')]).toEqual([502, null])
    expect(await refused(response)).toBe('SUBGRAPH_BAD_RESPONSE')
    expect(asked).toHaveLength(1)
  })

  it('is refused where it says that it is too large, and broken off where it is', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': MAX_BYTES + 1 })
      response.flushHeaders()
    }
    expect(await refused(await get('/files/a'))).toBe('SUBGRAPH_BAD_RESPONSE')
    answer = (_request, response) => {
      response.on('error', () => undefined)
      for (let kilobytes = 0; kilobytes <= MAX_BYTES / 1_000; kilobytes += 1) response.write(Buffer.alloc(1_000))
      response.end()
    }
    await expect(get('/files/a').then((response) => response.arrayBuffer())).rejects.toThrow()
  })

  it('is broken off where the subgraph ends too soon', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
      setImmediate(() => response.destroy())
    }
    await expect(get('/files/a').then((response) => response.arrayBuffer())).rejects.toThrow()
  })

  it('is broken off where the subgraph stands still, and not waited for where it never begins', async () => {
    const from = () => fetch(new URL('/files/a', impatient.url))
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
    }
    await expect(from().then((response) => response.arrayBuffer())).rejects.toThrow()
    answer = () => undefined
    expect(await refused(await from())).toBe('SUBGRAPH_TIMEOUT')
  })

  it('is no longer asked for once its client has left', async () => {
    let isGone = false
    answer = (_request, response) => {
      response.on('close', () => (isGone = true))
      response.writeHead(200, { 'content-length': 10 })
      response.write('half')
    }
    const leaving = new AbortController()
    const response = await get('/files/a', { signal: leaving.signal })
    leaving.abort()
    await expect(response.arrayBuffer()).rejects.toThrow()
    await until(async () => isGone, MOST_MS)
  })

  it('is one of so many at a time, and another’s turn when one has ended', async () => {
    const ends: (() => void)[] = []
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 2 })
      response.write('a')
      ends.push(() => response.end('b'))
    }
    const open = [await get('/files/a'), await get('/files/b'), await get('/files/c')]
    expect(await refused(await get('/files/d'))).toBe('RATE_LIMIT_EXCEEDED')
    for (const end of ends) end()
    expect(await Promise.all(open.map((response) => response.text()))).toEqual(['ab', 'ab', 'ab'])
    answer = (_request, response) => response.end('x')
    await until(async () => (await get('/files/d')).status === 200, MOST_MS)
  })

  it('is named by nothing in the log', async () => {
    answer = (_request, response) => response.writeHead(500).end()
    await get('/files/very-secret-token')
    expect(gateway.log.join('\n')).not.toContain('very-secret-token')
  })
})

describe('the configuration of downloads', () => {
  it.each(['/graphql/=a', '/health/=a', 'files=a', '/Files/=a', '/a/b/=a', '/a/../=a', '/a/=', '/=a'])(
    'refuses %s',
    (text) => {
      expect(() => readGatewayConfig({ GATEWAY_DOWNLOADS: text }, [])).toThrow('GATEWAY_DOWNLOADS')
    },
  )
})
