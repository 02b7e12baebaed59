import { expect, it } from '@jest/globals'
import { describeWithEngine } from '../support/engines.js'
import type { PasskeyDevice } from '../support/passkey-device.js'
import { accountDoor, holderOn, optionsOf, passkeyDoor, provedOn, registrationOf } from '../support/passkey-holder.js'
import { usePasskeyHouse, type PasskeyHouse } from '../support/passkey-house.js'
import { codes, password, rowsOf, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const FIVE_MINUTES = 5 * 60_000

await describeWithEngine('chromium', 'passkeys are added', () => {
  let house: PasskeyHouse
  let auth: StartedAuth
  let device: PasskeyDevice
  let door: ReturnType<typeof passkeyDoor>
  let account: ReturnType<typeof accountDoor>
  usePasskeyHouse((given) => {
    house = given
    ;({ auth, device } = house)
    door = passkeyDoor(auth)
    account = accountDoor(auth)
  })

  it('by somebody signed in lately, whose recovery codes are told once and who is written to', async () => {
    const { email, accessToken, passkey, recoveryCodes } = await holderOn(auth, device)
    expect(passkey).toEqual(expect.objectContaining({ name: 'Passkey', lastUsedAt: null, transports: ['internal'] }))
    expect(recoveryCodes).toHaveLength(10)
    expect(await account.secondFactors(accessToken)).toEqual({ totp: false, passkeys: 1, recoveryCodesLeft: 10 })
    await until(async () => (await account.mailsTo(email)).includes('A passkey was added'), 5_000)
    expect(await account.actions(accessToken)).toContain('passkey.added')
  })

  it('as the standard asks: found by the device alone, its owner verified, nothing told about the device', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken, user } = await signIn()
    expect(optionsOf(await door.beginRegistration(accessToken))).toMatchObject({
      rp: { id: 'localhost', name: 'Biometrics' },
      user: { id: Buffer.from(user.id.replaceAll('-', ''), 'hex').toString('base64url'), name: user.email },
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
      timeout: FIVE_MINUTES,
      excludeCredentials: [],
    })
  })

  it('not where there is one on the device already', async () => {
    const { accessToken, created } = await holderOn(auth, device)
    const options = optionsOf(await door.beginRegistration(await provedOn(auth, device, accessToken)))
    expect(options['excludeCredentials']).toEqual([{ type: 'public-key', id: created.id, transports: ['internal'] }])
    await expect(device.create(options)).rejects.toThrow('InvalidStateError')
  })

  it('to one account alone: who brings a passkey of somebody else is refused', async () => {
    const { created } = await holderOn(auth, device)
    const { signIn } = await visitor(auth).newcomer()
    const { accessToken } = await signIn()
    const options = optionsOf(await door.beginRegistration(accessToken))
    const own = await device.create(options)
    const stolen = Buffer.from(own.attestationObject, 'base64url')
    const [from, to] = [Buffer.from(own.id, 'base64url'), Buffer.from(created.id, 'base64url')]
    to.copy(stolen, stolen.indexOf(from))
    const brought = { ...own, id: created.id, attestationObject: stolen.toString('base64url') }
    expect(codes(await door.finishRegistration(accessToken, brought))).toEqual(['RES_ALREADY_EXISTS'])
    expect(await door.list(accessToken)).toEqual([])
  })

  it('at most twenty to an account', async () => {
    const { accessToken, userId } = await holderOn(auth, device)
    const proved = await provedOn(auth, device, accessToken)
    await rowsOf(
      auth,
      `INSERT INTO auth.passkeys SELECT gen_random_uuid(), account_id, decode(md5(n::text), 'hex') || credential_id, public_key, 0,
          transports, false, false, name, created_at FROM auth.passkeys, generate_series(1, 19) n WHERE account_id = $1`,
      [userId],
    )
    const other = await house.another()
    const created = await other.create(optionsOf(await door.beginRegistration(proved)))
    const { errors } = await door.finishRegistration(proved, created)
    expect(errors.map(({ message }) => message)).toEqual(['An account has at most 20 passkeys: remove one first.'])
  })

  it.each(['session', 'account', 'password'] as const)('not in another %s than they were begun in', async (what) => {
    const { email, signIn } = await visitor(auth).newcomer()
    const first = await signIn()
    const created = await device.create(optionsOf(await door.beginRegistration(first.accessToken)))
    const token = {
      session: async () => (await signIn()).accessToken,
      account: async () => (await (await visitor(auth).newcomer()).signIn()).accessToken,
      password: async () => {
        await account.changePassword(first.accessToken, `${password} anew`)
        return first.accessToken
      },
    }
    expect(codes(await door.finishRegistration(await token[what](), created))).toEqual(['VAL_VALIDATION_FAILED'])
    expect(
      await rowsOf(
        auth,
        'SELECT p.id FROM auth.passkeys p JOIN auth.accounts a ON a.id = p.account_id WHERE a.email = $1',
        [email],
      ),
    ).toEqual([])
  })

  it('not where the session was ended meanwhile', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const created = await device.create(optionsOf(await door.beginRegistration(accessToken)))
    await auth.ask('mutation { logout }', {}, accessToken)
    expect(codes(await door.finishRegistration(accessToken, created))).toEqual(['AUTH_TOKEN_INVALID'])
  })

  it('not from another page, twice, too late, or by an owner the device did not verify', async () => {
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    const begin = async () => optionsOf(await door.beginRegistration(accessToken))
    const refused = async (created: Awaited<ReturnType<typeof device.create>>) =>
      expect(codes(await door.finishRegistration(accessToken, created))).toEqual(['VAL_VALIDATION_FAILED'])

    const unverified = { residentKey: 'discouraged', userVerification: 'discouraged' }
    const blind = await house.another(false)
    await refused(await blind.create({ ...(await begin()), authenticatorSelection: unverified }))

    await device.goTo(house.origins.other)
    await refused(await device.create(await begin()))
    await device.goTo(house.origins.own)

    const late = await device.create(await begin())
    auth.weather.aheadMs = FIVE_MINUTES + 1
    await refused(late)
    auth.weather.aheadMs = 0

    const good = await device.create(await begin())
    registrationOf(await door.finishRegistration(accessToken, good))
    await refused(good)
  })

  it('not by a password alone where there is a second factor, added before or after they were begun', async () => {
    const { signIn } = await visitor(auth).newcomer()
    const [thief, owner] = [await signIn(), await signIn()]
    const other = await house.another()
    const stolen = await other.create(optionsOf(await door.beginRegistration(thief.accessToken)))
    const created = await device.create(optionsOf(await door.beginRegistration(owner.accessToken)))
    registrationOf(await door.finishRegistration(owner.accessToken, created))
    expect(codes(await door.finishRegistration(thief.accessToken, stolen))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    expect(codes(await door.beginRegistration(thief.accessToken))).toEqual(['AUTH_STEP_UP_REQUIRED'])
    const proved = await provedOn(auth, device, owner.accessToken)
    expect(codes(await door.beginRegistration(proved))).toEqual([])
  })

  it('not by who signed in long ago', async () => {
    auth.weather.aheadMs = -FIVE_MINUTES - 1_000
    const { accessToken } = await (await visitor(auth).newcomer()).signIn()
    auth.weather.aheadMs = 0
    expect(codes(await door.beginRegistration(accessToken))).toEqual(['AUTH_STEP_UP_REQUIRED'])
  })
})
