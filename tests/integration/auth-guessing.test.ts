/** Guessing through the public door: what a hundred tries at once cost and compare, and that no way around the count is left. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { StartedAuth } from '../support/start-auth.js'

const hashes = { ofAccounts: 0, ofNobody: 0 }
const real = await import('../../subgraphs/auth/passwords/argon2-password-hasher.js')
jest.unstable_mockModule('../../subgraphs/auth/passwords/argon2-password-hasher.js', () => ({
  async openArgon2PasswordHasher(settings: Parameters<typeof real.openArgon2PasswordHasher>[0]) {
    const hasher = await real.openArgon2PasswordHasher(settings)
    const admit: typeof hasher.admit = (work) =>
      hasher.admit((hashing) =>
        work({
          ...hashing,
          verify(stored, tried) {
            hashes[stored === null ? 'ofNobody' : 'ofAccounts'] += 1
            return hashing.verify(stored, tried)
          },
        }),
      )
    return { admit }
  },
}))
const { codes, password, startAuth, visitor } = await import('../support/start-auth.js')

let auth: StartedAuth
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth.close())
beforeEach(() => void Object.assign(hashes, { ofAccounts: 0, ofNobody: 0 }))

const login = (email: string, tried: string) => visitor(auth).login(email, tried)

describe('an account', () => {
  it('is compared with five of a hundred wrong passwords that come at once, and all are answered alike', async () => {
    const { email } = await visitor(auth).newcomer()

    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => login(email, `wrong password ${n}`)))

    console.log(
      `100 wrong passwords at once: ${hashes.ofAccounts} compared with the account, ${hashes.ofNobody} with nobody's`,
    )
    expect(hashes).toEqual({ ofAccounts: 5, ofNobody: 95 })
    expect(new Set(answers.map(({ errors }) => errors.map(({ message }) => message).join()))).toHaveProperty('size', 1)
    expect(answers.flatMap(codes)).toEqual(Array.from({ length: 100 }, () => 'AUTH_INVALID_CREDENTIALS'))
    expect(codes(await login(email, password))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })

  it('has one count for every way to guess at it: signing in, reauthenticating, changing the password', async () => {
    const { email, signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    hashes.ofAccounts = 0
    const ways = [
      () => login(email, 'wrong password'),
      () =>
        auth.ask('mutation { reauthenticate(input: { password: "wrong password" }) { accessToken } }', {}, accessToken),
      () =>
        auth.ask(
          'mutation { changePassword(input: { currentPassword: "wrong password", newPassword: "thistle orbit lantern" }) }',
          {},
          accessToken,
        ),
    ]

    for (let n = 0; n < 9; n++)
      expect(codes((await ways[n % 3]?.()) ?? (await login(email, '')))).toEqual(['AUTH_INVALID_CREDENTIALS'])

    console.log(`9 wrong passwords in three ways: ${hashes.ofAccounts} compared with the account`)
    expect(hashes).toEqual({ ofAccounts: 5, ofNobody: 4 })
  })

  it('is compared five times at most with what many names in many requests at once guess', async () => {
    const { email } = await visitor(auth).newcomer()
    const fields = (from: number) =>
      Array.from(
        { length: 5 },
        (_, n) => `a${n}: login(input: { email: "${email}", password: "wrong ${from + n}" }) { __typename }`,
      )

    await Promise.all(Array.from({ length: 20 }, (_, n) => auth.ask(`mutation { ${fields(5 * n).join(' ')} }`)))

    console.log(`100 aliased guesses in 20 requests at once: ${hashes.ofAccounts} compared with the account`)
    expect(hashes.ofAccounts).toBe(5)
  })
})
