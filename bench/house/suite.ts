import { z } from 'zod'
import { LoginDocument, MeDocument, RegisterDocument } from '../../clients/generated/documents.js'
import { createGraphqlClient } from '../../clients/graphql-client.js'
import { startChild } from '../child-process.js'
import { median, type LoadResult } from '../load.js'
import { benchMe } from './me.js'
import { benchProgress } from './progress.js'

const CONNECTIONS = 50
const PEOPLE = 10
const ROUNDS = 3

/** The federated `me` query beside raw Node, and the live progress of verifications. Prints a table. */
export async function benchHouse(print: (line: string) => void): Promise<void> {
  const house = await startChild('bench/house/house-process.ts')
  try {
    const ports = z.record(z.string(), z.number()).parse(house.ready)
    const url = `http://127.0.0.1:${ports['gateway']}/graphql`
    const tokens: string[] = []
    for (let index = 0; index < PEOPLE; index += 1) tokens.push(await signUp(url))
    const [token = ''] = tokens
    const expected = { data: await expectedMe(url, token) }
    const me = await benchMe({ ports, token, expected, connections: CONNECTIONS, durationMs: 4_000, rounds: ROUNDS })
    print(
      `The federated me query, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds; gateway and limit each in a`,
    )
    print('process of its own before the same five subgraphs in another:')
    print('              requests/s   p50 ms   p95 ms   p99 ms')
    print(row('gateway', medianOf(me.gateway)))
    print(row('limit', medianOf(me.limit)))
    print(`  ratio       ${(medianOf(me.gateway).perSecond / medianOf(me.limit).perSecond).toFixed(2)}`)
    const { deliveries, verificationsPerSecond } = await benchProgress({ url, tokens, durationMs: 8_000 })
    print(
      `\nVerification progress, ${PEOPLE} people at once, each watched over a socket and joined across three subgraphs,`,
    )
    print('everything in one process; milliseconds from the event to its arrival:')
    print('                events/s   p50 ms   p95 ms   p99 ms')
    print(row('deliveries', deliveries))
    print(`  verifications/s ${verificationsPerSecond.toFixed(1)}`)
  } finally {
    await house.close()
  }
}

async function signUp(url: string): Promise<string> {
  const client = createGraphqlClient({ url })
  const email = `bench.${crypto.randomUUID()}@example.com`
  const password = `bench ${crypto.randomUUID()}`
  await client.request(RegisterDocument, { input: { email, password, name: 'Bench' } })
  const { login } = await client.request(LoginDocument, { input: { email, password } })
  if (login.__typename !== 'AuthPayload')
    throw new Error('The sign-in asks for something this benchmark does not know.')
  return login.accessToken
}

async function expectedMe(url: string, token: string): Promise<unknown> {
  const client = createGraphqlClient({ url, accessToken: () => token })
  const { me } = await client.request(MeDocument, {})
  return { me: { id: me?.id, email: me?.email, profile: { displayName: me?.profile?.displayName } } }
}

function medianOf(results: readonly LoadResult[]): LoadResult {
  const of = (key: keyof LoadResult) => median(results.map((result) => result[key]))
  return { count: of('count'), perSecond: of('perSecond'), p50: of('p50'), p95: of('p95'), p99: of('p99') }
}

function row(name: string, { perSecond, p50, p95, p99 }: LoadResult): string {
  const numbers = [p50, p95, p99].map((value) => value.toFixed(1).padStart(8))
  return `  ${name.padEnd(11)} ${perSecond.toFixed(0).padStart(10)} ${numbers.join(' ')}`
}
