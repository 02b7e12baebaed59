import { isDeepStrictEqual } from 'node:util'
import { Pool } from 'undici'
import { z } from 'zod'
import { startChild } from '../child-process.js'
import { runLoad, type LoadResult } from '../load.js'

const QUERY = JSON.stringify({ query: '{ me { id email profile { displayName } } }' })
const listening = z.object({ port: z.number() })

export interface MeOptions {
  /** Ports of the subgraphs. */
  readonly ports: Readonly<Record<string, number>>
  readonly token: string
  /** What every answer must be. */
  readonly expected: unknown
  readonly connections: number
  readonly durationMs: number
  readonly rounds: number
}

export interface MeResult {
  readonly gateway: readonly LoadResult[]
  /** A raw Node program that makes the same two calls and merges by hand. */
  readonly limit: readonly LoadResult[]
}

/** The federated `me` query through the gateway and through the limit, in turn, each in a process of its own. */
export async function benchMe(options: MeOptions): Promise<MeResult> {
  const origin = (name: string) => `http://127.0.0.1:${options.ports[name]}`
  const urls = ['auth', 'user'].map((name) => `${name}=${origin(name)}/graphql`).join()
  const gatewayProcess = await startChild('bench/house/gateway-process.ts', [], {
    GATEWAY_PORT: '0',
    GATEWAY_SUBGRAPH_URLS: urls,
  })
  const limitProcess = await startChild('bench/house/limit-process.ts', [origin('auth'), origin('user')])
  try {
    const gateway: LoadResult[] = []
    const limit: LoadResult[] = []
    for (let round = 0; round <= options.rounds; round += 1) {
      const throughGateway = await load(listening.parse(gatewayProcess.ready).port, options)
      const throughLimit = await load(listening.parse(limitProcess.ready).port, options)
      if (round === 0) continue // warms caches and compilers
      gateway.push(throughGateway)
      limit.push(throughLimit)
    }
    return { gateway, limit }
  } finally {
    await gatewayProcess.close()
    await limitProcess.close()
  }
}

async function load(port: number, { token, expected, connections, durationMs }: MeOptions): Promise<LoadResult> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const once = async () => {
    const response = await pool.request({ path: '/graphql', method: 'POST', headers, body: QUERY })
    const answer: unknown = await response.body.json()
    if (!isDeepStrictEqual(answer, expected)) throw new Error(`not the expected answer: ${JSON.stringify(answer)}`)
  }
  try {
    return await runLoad({ connections, durationMs, once })
  } finally {
    await pool.destroy()
  }
}
