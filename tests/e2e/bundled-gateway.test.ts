import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freePort } from '../../platform/service/free-port.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { startTestSubgraphs, type TestGraph } from '../support/test-subgraphs.js'
import { until } from '../support/until.js'

let graph: TestGraph
let folder: string
let child: ChildProcess
let url: string
let complaints = ''

beforeAll(async () => {
  for (const script of ['scripts/make-ready.mjs', 'scripts/bundle-gateway.mjs']) {
    await promisify(execFile)(process.execPath, [script], { cwd: projectRoot })
  }
  graph = await startTestSubgraphs({
    accounts: {
      typeDefs: 'type Query { me: User } type User @key(fields: "id") { id: ID! name: String }',
      resolvers: { Query: { me: () => ({ id: '1', name: 'Ada' }) } },
    },
    reviews: {
      typeDefs: 'type User @key(fields: "id") { id: ID! reviews: [Review] } type Review { body: String }',
      resolvers: { User: { reviews: ({ id }: { id: string }) => [{ body: `by ${id}` }] } },
    },
  })
  folder = await mkdtemp(path.join(tmpdir(), 'bundled-'))
  const supergraph = path.join(folder, 'supergraph.graphql')
  await writeFile(supergraph, graph.supergraph)
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const [, command = ''] = /&& node ([^&]+)$/.exec(await scriptOf('gateway')) ?? []
  child = spawn(process.execPath, [...command.split(' '), '--supergraph', supergraph, '--port', `${port}`], {
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'],
      GATEWAY_HOST: '127.0.0.1',
      NODE_ENV: 'production',
      LOG_LEVEL: 'error',
      GATEWAY_EXPLORERS: 'true',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  await until(async () => (await ask('{ __typename }').catch(() => null)) !== null, 60_000)
}, 240_000)

afterAll(async () => {
  child.kill('SIGKILL')
  await graph.close()
  await rm(folder, { recursive: true, force: true })
})

async function scriptOf(name: string): Promise<string> {
  const { scripts } = JSON.parse(await readFile(path.join(projectRoot, 'package.json'), 'utf8'))
  return scripts[name]
}

async function ask(query: string, headers: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  return response.json()
}

describe('the gateway in one file', () => {
  it('executes over several subgraphs, by the short way and by the long one', async () => {
    const expected = { data: { me: { name: 'Ada', reviews: [{ body: 'by 1' }] } } }
    expect(await ask('{ me { name reviews { body } } }')).toEqual(expected)
    expect(
      await ask('{ me { name reviews { body } } }', { 'content-type': 'application/json; charset=UTF-8' }),
    ).toEqual(expected)
    expect(await ask('{ nothing }')).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] })
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('loads what is not in the file when it is asked for', async () => {
    expect(await (await fetch(`${url}/explorer`)).text()).toContain('GraphiQL')
  })

  it('takes its code cache, says nothing, and leaves in order', async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(complaints).toBe('')
  })

  it('is started under the same flags everywhere: a code cache is for these alone', async () => {
    const flag = '--max-semi-space-size=32'
    for (const file of ['package.json', 'Dockerfile', 'scripts/bundle-gateway.mjs', 'bench/gateway/competitors.ts']) {
      expect(await readFile(path.join(projectRoot, file), 'utf8')).toContain(flag)
    }
  })
})
