/**
 * What the time of an answer tells: nothing. Tries of all kinds are made in a random order, one after the other, and their
 * times compared by rank, so that load slows all kinds alike. A control shows that the test would see a hash left out.
 */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import type { StartedAuth } from '../support/start-auth.js'
import { rankTest } from '../support/rank-test.js'
import { until } from '../support/until.js'

const leavesOut = { hashOfNobody: false }
const real = await import('../../subgraphs/auth/passwords/argon2-password-hasher.js')
jest.unstable_mockModule('../../subgraphs/auth/passwords/argon2-password-hasher.js', () => ({
  async openArgon2PasswordHasher(settings: Parameters<typeof real.openArgon2PasswordHasher>[0]) {
    const hasher = await real.openArgon2PasswordHasher(settings)
    const admit: typeof hasher.admit = (work) =>
      hasher.admit((hashing) =>
        work({
          ...hashing,
          verify: async (stored, tried) =>
            stored === null && leavesOut.hashOfNobody ? false : hashing.verify(stored, tried),
        }),
      )
    return { admit }
  },
}))
const { codes, password, rowsOf, startAuth, visitor } = await import('../support/start-auth.js')

const PEOPLE = 100
const ITERATIONS = 600 // of argon2 over 64 KiB: some tens of milliseconds, as the real one
const LEAST_P = 0.0001 // of eight comparisons one falls below it by chance in 1,250 runs

let auth: StartedAuth
const people: string[] = []
beforeAll(async () => {
  auth = await startAuth({ needsConfirmation: true })
  await auth.stop()
  auth.weather.argon2Iterations = ITERATIONS
  await auth.start()
  for (let n = 0; n < PEOPLE; n++) {
    const email = `person-${crypto.randomUUID()}@example.com`
    await visitor(auth).register({ email })
    people.push(email)
  }
  await mailsAreSent()
}, 120_000)
afterAll(() => auth.close())

/** Those that were asked for, and those that are due. */
const mailsAreSent = () =>
  until(async () => {
    const waiting = `SELECT 1 FROM auth.mail_requests UNION ALL SELECT 1 FROM auth.security_mails WHERE due_at IS NOT NULL`
    return (await rowsOf(auth, waiting)).length === 0
  }, 60_000)
const stranger = () => `person-${crypto.randomUUID()}@example.com`
const wrong = 'not the password at all'

/** Times of each kind, in milliseconds, of tries in a random order. */
async function timesOf(kinds: Readonly<Record<string, (n: number) => Promise<unknown>>>, each: number) {
  const tries = Object.entries(kinds).flatMap(([kind, attempt]) =>
    Array.from({ length: each }, (_, n) => ({ kind, attempt: () => attempt(n), order: Math.random() })),
  )
  const times = new Map<string, number[]>(Object.keys(kinds).map((kind) => [kind, []]))
  for (const { kind, attempt } of tries.sort((a, b) => a.order - b.order)) {
    const started = performance.now()
    await attempt()
    times.get(kind)?.push(performance.now() - started)
  }
  return (kind: string) => times.get(kind) ?? []
}

function told(title: string, first: readonly number[], second: readonly number[]) {
  const result = rankTest(first, second)
  const middle = (times: readonly number[]) =>
    [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]?.toFixed(2)
  console.log(
    `${title}: p = ${result.p.toPrecision(3)}, slower in ${(100 * result.superiority).toFixed(1)} % of pairs,` +
      ` medians ${middle(first)} and ${middle(second)} ms of ${first.length} and ${second.length} tries`,
  )
  return result
}

async function refused(email: string, tried: string) {
  expect(codes(await visitor(auth).login(email, tried))).toEqual(['AUTH_INVALID_CREDENTIALS'])
}

async function locked(email: string): Promise<string> {
  for (let n = 0; n < 5; n++) await refused(email, wrong)
  return email
}

const personAt = (n: number) => people[n % people.length] ?? ''

it('the rank test gives what scipy.stats.mannwhitneyu gives, ties and all', () => {
  const { p, superiority } = rankTest([1, 2, 3, 4, 5, 6, 7, 8], [3, 5, 6, 8, 9, 10, 11, 12, 13])

  expect(superiority * 8 * 9).toBeCloseTo(12, 10)
  expect(p).toBeCloseTo(0.023399305681087324, 6)
})

describe('the time of an answer', () => {
  it('to a sign-in is that of an unknown address for a wrong password, a lock, and an address to be confirmed', async () => {
    const lockedPerson = await locked(personAt(PEOPLE - 1))
    const lockedStranger = await locked(stranger())
    await rowsOf(auth, 'UPDATE auth.accounts SET locked_at = now() WHERE email = ANY($1)', [people.slice(60, 90)])

    const times = await timesOf(
      {
        unknown: () => refused(stranger(), wrong),
        known: (n) => refused(personAt(n % 30), wrong),
        unconfirmed: (n) => refused(personAt(30 + (n % 30)), password),
        'locked by an administrator': (n) => refused(personAt(60 + (n % 30)), password),
        'locked by guesses': () => refused(lockedPerson, password),
        'unknown, locked by guesses': () => refused(lockedStranger, password),
      },
      PEOPLE,
    )

    for (const kind of [
      'known',
      'unconfirmed',
      'locked by an administrator',
      'locked by guesses',
      'unknown, locked by guesses',
    ])
      expect(told(`${kind} against unknown`, times(kind), times('unknown')).p).toBeGreaterThan(LEAST_P)
  }, 300_000)

  it('to a request for a new password is the same whether the address is known or not', async () => {
    const ask = (email: string) =>
      auth.ask('mutation ($email: String!) { requestPasswordReset(email: $email) { email } }', { email })

    const times = await timesOf({ known: (n) => ask(personAt(n)), unknown: () => ask(stranger()) }, PEOPLE)

    expect(told('known against unknown, new password', times('known'), times('unknown')).p).toBeGreaterThan(LEAST_P)
    await mailsAreSent()
    const mailed = await rowsOf(auth, "SELECT 1 FROM auth.security_mails WHERE kind = 'reset_password'")
    expect(mailed).toHaveLength(PEOPLE)
  }, 120_000)

  it('would tell, to this very test, an unknown address for which no hash is computed', async () => {
    leavesOut.hashOfNobody = true

    const times = await timesOf(
      { known: (n) => refused(personAt(30 + (n % 30)), wrong), unknown: () => refused(stranger(), wrong) },
      PEOPLE,
    )

    expect(told('control without a hash: known against unknown', times('known'), times('unknown')).p).toBeLessThan(
      LEAST_P,
    )
  }, 120_000)
})
