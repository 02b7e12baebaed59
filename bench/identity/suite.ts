import { hash } from '@node-rs/argon2'
import { z } from 'zod'
import { LoginDocument, MeDocument, RegisterDocument } from '../../clients/generated/documents.js'
import { createGraphqlClient } from '../../clients/graphql-client.js'
import { authDefaults } from '../../subgraphs/auth/config.js'
import { startChild } from '../child-process.js'
import { runLoad, type LoadResult } from '../load.js'
import { benchTokens } from './tokens.js'

const PEOPLE = 8 // signing in at once, under the places of the queue
const DURATION_MS = 6_000

interface Person {
  readonly email: string
  readonly password: string
}

/** Sign-ins beside what argon2 allows, token verifications beside bare signatures, and `me` with and without sign-ins. Prints a table. */
export async function benchIdentity(print: (line: string) => void): Promise<void> {
  const tokens = await benchTokens()
  print('Token verifications a second, one process, one after the other:')
  print(
    `  cold ${tokens.cold.toFixed(0)}, remembered ${tokens.remembered.toFixed(0)}, bare Ed25519 ${tokens.limit.toFixed(0)}`,
  )
  const house = await startChild('bench/house/house-process.ts')
  try {
    const ports = z.record(z.string(), z.number()).parse(house.ready)
    await benchSignIns(print, (name) => `http://127.0.0.1:${ports[name]}/graphql`)
  } finally {
    await house.close()
  }
}

async function benchSignIns(print: (line: string) => void, urlOf: (name: string) => string): Promise<void> {
  const people: Person[] = []
  for (let n = 0; n < PEOPLE; n += 1) people.push(await signUp(urlOf('auth')))
  const [first] = people
  if (first === undefined) throw new Error('Nobody signed up.')
  const accessToken = await signIn(urlOf('auth'), first)

  const limit = await rawArgon2()
  const free = people.slice()
  const logIn = async () => {
    const person = free.pop()
    if (person === undefined) throw new Error('More sign-ins at once than people.')
    await signIn(urlOf('auth'), person)
    free.push(person)
  }
  const gateway = createGraphqlClient({ url: urlOf('gateway'), accessToken: () => accessToken })
  const me = async () => {
    if (!(await gateway.request(MeDocument, {})).me) throw new Error('Nobody is signed in.')
  }
  const signIns = { connections: PEOPLE, durationMs: DURATION_MS, once: logIn }
  const asking = { connections: 1, durationMs: DURATION_MS, once: me }
  await runLoad({ ...asking, durationMs: 2_000 }) // warms plans and compilers
  const logins = await runLoad(signIns)
  const quiet = await runLoad(asking)
  const [busyLogins, busy] = await Promise.all([runLoad(signIns), runLoad(asking)])

  print(`\nSign-ins, ${PEOPLE} people at once, everything in one process; argon2 as configured unless told otherwise:`)
  print(row('raw argon2', limit))
  print(row('sign-ins', logins))
  print(`  ratio ${(logins.perSecond / limit.perSecond).toFixed(2)}`)
  print('\nThe federated me query, one after the other:')
  print(row('no sign-ins', quiet))
  print(row('saturated', busy))
  print(`  beside ${busyLogins.perSecond.toFixed(1)} sign-ins a second`)
}

/** The same parameters and as many at once as auth computes, with nothing else to do. */
function rawArgon2(): Promise<LoadResult> {
  const { memoryKib: memoryCost, iterations: timeCost, parallelism, concurrency } = authDefaults.passwords
  const once = async () => void (await hash('a password of the benchmark', { memoryCost, timeCost, parallelism }))
  return runLoad({ connections: concurrency, durationMs: DURATION_MS, once })
}

async function signUp(url: string): Promise<Person> {
  const person = { email: `bench.${crypto.randomUUID()}@example.com`, password: `bench ${crypto.randomUUID()}` }
  await createGraphqlClient({ url }).request(RegisterDocument, { input: { ...person, name: 'Bench' } })
  return person
}

async function signIn(url: string, input: Person): Promise<string> {
  const { login } = await createGraphqlClient({ url }).request(LoginDocument, { input })
  if (login.__typename !== 'AuthPayload')
    throw new Error('The sign-in asks for something this benchmark does not know.')
  return login.accessToken
}

function row(name: string, { count, perSecond, p50, p95, p99 }: LoadResult): string {
  const times = [p50, p95, p99].map((value) => value.toFixed(1).padStart(8)).join(' ')
  return `  ${name.padEnd(12)} ${perSecond.toFixed(1).padStart(8)}/s   p50, p95, p99 ms ${times}   of ${count}`
}
