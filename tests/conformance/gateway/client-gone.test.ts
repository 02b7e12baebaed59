import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { startTestGateway, type TestGateway } from '../../support/test-gateway.js'
import { startTestSubgraphs, type TestGraph } from '../../support/test-subgraphs.js'
import { until } from '../../support/until.js'
import { shopGraph } from './shop-graph.js'

/* Clients over HTTP/1.1 that close their connection before the answer: what was begun for them ends with them. */

let graph: TestGraph
let fast: TestGateway
let long: TestGateway

beforeAll(async () => {
  graph = await startTestSubgraphs(shopGraph)
  fast = await startTestGateway(graph.supergraph)
  long = await startTestGateway(graph.supergraph, { parts: { plugins: [{}] } })
})
afterAll(async () => {
  await fast.close()
  await long.close()
  await graph.close()
})
beforeEach(() => {
  for (const name of Object.keys(shopGraph)) graph.subgraph(name).reset()
})

/** Subgraphs that never answer, and how many of the fetches they have been asked are cut off. */
function hold(...names: string[]) {
  const held = { asked: 0, cut: 0 }
  for (const name of names) {
    graph.subgraph(name).takeOver((_asked, res) => {
      held.asked += 1
      res.once('close', () => (held.cut += 1))
    })
  }
  return held
}

interface Sent {
  readonly query: string
  readonly accept?: string
  readonly method?: 'POST' | 'GET'
}

async function send(
  gateway: TestGateway,
  { query, accept = 'application/json', method = 'POST' }: Sent,
): Promise<Socket> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const body = method === 'POST' ? JSON.stringify({ query }) : ''
  const target = method === 'POST' ? '/graphql' : `/graphql?query=${encodeURIComponent(query)}`
  const type = method === 'POST' ? `content-type: application/json\r\ncontent-length: ${body.length}\r\n` : ''
  socket.write(`${method} ${target} HTTP/1.1\r\nhost: x\r\naccept: ${accept}\r\n${type}\r\n${body}`)
  return socket
}

const ways: [string, () => TestGateway, Partial<Sent>][] = [
  ['the short way', () => fast, {}],
  ['the long way', () => long, {}],
  ['an address', () => fast, { method: 'GET' }],
]

describe.each(ways)('a client that leaves, on %s,', (_way, gateway, how) => {
  it.each([
    ['one fetch', '{ me { name } }', ['accounts']],
    [
      'fetches side by side',
      '{ me { name } latestReview { body } products { title } }',
      ['accounts', 'opinions', 'catalogue'],
    ],
  ])('takes %s with it', async (_what, query, names) => {
    const held = hold(...names)
    const socket = await send(gateway(), { query, ...how })
    await until(() => held.asked === names.length)
    expect(held.cut).toBe(0)
    socket.destroy()
    await until(() => held.cut === names.length)
  })

  it('has no later fetches made for it', async () => {
    const { asked } = graph.subgraph('opinions')
    const held = hold('accounts')
    const socket = await send(gateway(), { query: '{ me { reviews { id } } }', ...how })
    await until(() => held.asked === 1)
    socket.resetAndDestroy()
    await until(() => held.cut === 1)
    await gateway().ask('{ latestReview { id } }') // comes through after whatever was still to come
    expect(asked.map(({ query }) => query.includes('_entities'))).toEqual([false])
  })
})

describe('a client that leaves between the parts of its answer', () => {
  it.each(['multipart/mixed;deferSpec=20220824', 'multipart/mixed;incrementalSpec=v0.2'])(
    'takes the rest with it (%s)',
    async (accept) => {
      const held = hold('opinions')
      const socket = await send(fast, { query: '{ me { name ... @defer { reviews { id } } } }', accept })
      const [first] = (await once(socket, 'data')) as [Buffer]
      expect(first.toString()).toContain('200 OK')
      await until(() => held.asked === 1)
      socket.destroy()
      await until(() => held.cut === 1)
    },
  )
})

describe('a client that leaves', () => {
  it('in the middle of its request has nothing done for it', async () => {
    const socket = connect(Number(new URL(fast.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"query":"{ me { n',
    )
    socket.resetAndDestroy()
    await fast.ask('{ latestReview { id } }')
    expect(graph.subgraph('accounts').asked).toEqual([])
  })

  it('leaves others on the same subgraph alone', async () => {
    const held = { cut: 0 }
    graph.subgraph('accounts').takeOver(async (asked, res) => {
      if (asked.query.includes('nickname')) return void res.once('close', () => (held.cut += 1))
      res.setHeader('content-type', 'application/json').end(JSON.stringify(await asked.execute()))
    })
    const leaving = await Promise.all(Array.from({ length: 10 }, () => send(fast, { query: '{ me { nickname } }' })))
    await until(() => graph.subgraph('accounts').asked.length === 10)
    const staying = Array.from({ length: 10 }, () => fast.ask('{ me { name } }'))
    for (const socket of leaving) socket.destroy()
    for (const { data } of await Promise.all(staying)) expect(data).toEqual({ me: { name: 'Ada' } })
    await until(() => held.cut === 10)
  })
})
