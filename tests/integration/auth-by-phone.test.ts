import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { z } from 'zod'
import { otherThan, phoneDoor } from '../support/phone-door.js'
import { codes, rowsOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'

let auth: StartedAuth
let door: ReturnType<typeof phoneDoor>
beforeAll(async () => {
  auth = await startAuth({ needsConfirmation: true })
  door = phoneDoor(auth)
})
afterAll(() => auth.close())

const ahead = (ms: number) => void (auth.weather.aheadMs += ms)
const MINUTE_MS = 60_000
const NEW_PASSWORD = 'thistle orbit lantern'
const accountsOf = (number: string) => rowsOf(auth, 'SELECT id FROM auth.accounts WHERE email_key = $1', [number])

describe('an account opened by phone', () => {
  it('is there once the code that was sent is shown, signed in, with recovery codes and without an address', async () => {
    const number = door.newNumber()
    const begun = await door.begin(` ${number.slice(0, 3)} (7400) ${number.slice(7)} `)
    expect(begun.data?.['begun']).toMatchObject({ code: { number: `+44••••••••${number.slice(-2)}` } })
    expect(await accountsOf(number)).toEqual([])

    const { login, recoveryCodes } = door.openedOf(await door.verify(door.tokenOf(begun), await door.codeTo(number)))

    expect(recoveryCodes).toHaveLength(10)
    expect(decodeJwt(login.accessToken)).toMatchObject({ sub: login.user.id, amr: ['pwd', 'sms', 'mfa'], acr: 'aal1' })
  })

  it('is signed in to by number, password and a code that is sent then', async () => {
    const { number, login } = await door.newcomer()
    const { challengeToken, methods } = door.challengeOf(await door.login(number))
    expect(methods).toEqual(['SMS', 'RECOVERY_CODE'])
    expect(codes(await door.send(challengeToken))).toEqual([])
    const code = await door.codeTo(number, 2)
    expect(codes(await door.complete(challengeToken, otherThan(code)))).toEqual(['AUTH_MFA_INVALID'])

    const { data } = await door.complete(challengeToken, code)

    expect(data?.['login']).toMatchObject({ user: { id: login.user.id } })
  })

  it('is found by the number however it is written, and by no address', async () => {
    const { number } = await door.newcomer()
    const spaced = `${number.slice(0, 3)} 7400-${number.slice(7)}`
    expect(door.challengeOf(await door.login(spaced)).methods).toContain('SMS')
    expect(codes(await visitor(auth).login(`${number}@example.com`))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(codes(await door.login('07400 200001'))).toEqual(['VAL_VALIDATION_FAILED'])
  })

  it('is never found by the number of a second factor: that is no name', async () => {
    const number = door.newNumber()
    const email = `person-${crypto.randomUUID()}@example.com`
    await visitor(auth).register({ email })
    const [account] = await rowsOf(
      auth,
      'UPDATE auth.accounts SET email_verified_at = now() WHERE email = $1 RETURNING id',
      [email],
    )
    await rowsOf(auth, 'INSERT INTO auth.phones VALUES ($1, $2, now())', [account.id, number])
    expect(codes(await door.login(number))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    const token = door.tokenOf(await door.begin(number)) // and does not keep anybody from opening one
    expect(codes(await door.verify(token, await door.codeTo(number)))).toEqual([])
  })

  it('keeps its number, which is its name: another one can take its place, none can not', async () => {
    const { number, login } = await door.newcomer()
    expect(codes(await auth.ask('mutation { removePhone }', {}, login.accessToken))).toEqual(['RES_CONFLICT'])
    const next = door.newNumber()
    const register = (to: string) =>
      auth.ask('mutation ($to: String!) { registerPhone(number: $to) { number } }', { to }, login.accessToken)
    const verify = (code: string) =>
      auth.ask('mutation ($code: String!) { verifyPhone(code: $code) { number } }', { code }, login.accessToken)
    expect(codes(await register(next))).toEqual([])
    expect(codes(await verify(await door.codeTo(next)))).toEqual([])
    expect(codes(await door.login(number))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    expect(door.challengeOf(await door.login(next)).methods).toContain('SMS')

    const { number: ofAnother } = await door.newcomer()
    ahead(MINUTE_MS)
    expect(codes(await register(ofAnother))).toEqual([])
    expect(codes(await verify(await door.codeTo(ofAnother, 2)))).toEqual(['RES_ALREADY_EXISTS'])
    expect(door.challengeOf(await door.login(next)).methods).toContain('SMS')
  })
})

describe('a registration by phone', () => {
  it('answers alike whether or not the number has an account, which only who holds the number is told', async () => {
    const { number, login } = await door.newcomer()
    ahead(MINUTE_MS)
    const [known, unknown] = [await door.begin(number, NEW_PASSWORD), await door.begin(door.newNumber(), NEW_PASSWORD)]
    const shape = z.object({
      begun: z.strictObject({
        registrationToken: z.string().length(43),
        code: z.strictObject({ number: z.string(), expiresAt: z.string(), resendAt: z.string() }),
      }),
    })
    for (const { data, errors } of [known, unknown]) expect([errors, shape.safeParse(data).success]).toEqual([[], true])

    const code = await door.codeTo(number, 2)
    expect(codes(await door.verify(door.tokenOf(known), otherThan(code)))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await door.verify(door.tokenOf(known), code))).toEqual(['RES_ALREADY_EXISTS'])
    expect(await accountsOf(number)).toEqual([{ id: login.user.id }])
    expect(codes(await door.login(number, NEW_PASSWORD))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })

  it('of two for one number opens one account', async () => {
    const number = door.newNumber()
    const first = door.tokenOf(await door.begin(number))
    const code = await door.codeTo(number)
    ahead(MINUTE_MS)
    const second = door.tokenOf(await door.begin(number))
    const other = await door.codeTo(number, 2)
    const answers = await Promise.all([
      door.verify(first, code),
      door.verify(second, other),
      door.verify(second, other),
    ])
    expect(answers.flatMap(codes).length).toBe(2)
    expect(await accountsOf(number)).toHaveLength(1)
  })

  it('takes a code of its own alone, five tries at it, and another one after a minute', async () => {
    const number = door.newNumber()
    const token = door.tokenOf(await door.begin(number))
    const code = await door.codeTo(number)
    const stranger = door.newNumber()
    const strangers = door.tokenOf(await door.begin(stranger))
    expect(codes(await door.verify(strangers, code))).toEqual(['AUTH_MFA_INVALID'])
    const tries = await Promise.all(Array.from({ length: 10 }, () => door.verify(token, otherThan(code))))
    expect(new Set(tries.flatMap(codes))).toEqual(new Set(['AUTH_MFA_INVALID']))
    expect(codes(await door.verify(token, code))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await door.resend(token))).toEqual(['RATE_LIMIT_EXCEEDED'])
    ahead(MINUTE_MS)
    expect(codes(await door.resend(token))).toEqual([])
    // those tries have locked the number as wrong passwords do
    expect(codes(await door.verify(token, await door.codeTo(number, 2)))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await door.resend('x'.repeat(43)))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('refuses what is no mobile number, and a password like it, before a message is paid for', async () => {
    const number = door.newNumber()
    expect(codes(await door.begin('+44 20 8366 1177'))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(codes(await door.begin(number, `x${number.slice(1)}y`))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(await rowsOf(auth, 'SELECT 1 FROM auth.sms_codes WHERE number = $1', [number])).toEqual([])
  })

  it('is over after half an hour', async () => {
    const number = door.newNumber()
    const token = door.tokenOf(await door.begin(number))
    const code = await door.codeTo(number)
    ahead(30 * MINUTE_MS)
    expect(codes(await door.verify(token, code))).toEqual(['AUTH_TOKEN_INVALID'])
  })
})

describe('a forgotten password of an account opened by phone', () => {
  it('is replaced by a code to the phone and a recovery code, each once, which ends every session', async () => {
    const { number, recoveryCodes, login } = await door.newcomer()
    const [recoveryCode = '', another = ''] = recoveryCodes
    await door.requestReset(number)
    const code = await door.codeTo(number, 2)
    const proof = { number, code, recoveryCode, newPassword: NEW_PASSWORD }
    expect(codes(await door.reset({ ...proof, recoveryCode: 'AAAA-BBBB-CCCC-DDDD' }))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await door.reset({ ...proof, code: otherThan(code) }))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await door.reset({ ...proof, newPassword: 'password1234' }))).toEqual(['VAL_VALIDATION_FAILED'])

    const answers = await Promise.all([door.reset(proof), door.reset({ ...proof, recoveryCode: another })])

    expect(answers.flatMap(codes)).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await visitor(auth).refresh(login.refreshToken))).toEqual(['AUTH_TOKEN_INVALID'])
    expect(codes(await door.login(number))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    const { challengeToken } = door.challengeOf(await door.login(number, NEW_PASSWORD))
    expect(codes(await door.complete(challengeToken, recoveryCode))).toEqual(['AUTH_MFA_INVALID'])
  })

  it('answers alike for a number without an account, to which nothing is sent', async () => {
    const [{ number: known }, unknown] = [await door.newcomer(), door.newNumber()]
    const answers = [await door.requestReset(known), await door.requestReset(unknown)]
    expect(answers.flatMap(codes)).toEqual([])
    const code = await door.codeTo(known, 2)
    expect(await door.messagesTo(unknown)).toEqual([])
    const guess = { code, recoveryCode: 'AAAA-BBBB-CCCC-DDDD', newPassword: NEW_PASSWORD }
    const refused = [await door.reset({ number: known, ...guess }), await door.reset({ number: unknown, ...guess })]
    expect(refused.map(codes)).toEqual([['AUTH_MFA_INVALID'], ['AUTH_MFA_INVALID']])
    // the next ones meet the same limits
    expect((await Promise.all([door.requestReset(known), door.requestReset(unknown)])).map(codes)).toEqual([
      ['RATE_LIMIT_EXCEEDED'],
      ['RATE_LIMIT_EXCEEDED'],
    ])
  })

  it('is guessed at in the same tries as the password', async () => {
    const { number, recoveryCodes } = await door.newcomer()
    await door.requestReset(number)
    const code = await door.codeTo(number, 2)
    for (let tries = 0; tries < 5; tries += 1) await door.login(number, 'not the password')
    const proof = { number, code, recoveryCode: recoveryCodes[0] ?? '', newPassword: NEW_PASSWORD }
    expect(codes(await door.reset(proof))).toEqual(['AUTH_MFA_INVALID'])
    expect(codes(await door.login(number))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })
})
