import { describe, expect, it } from '@jest/globals'
import { decodeJwt } from 'jose'
import { describeWithEngine } from '../support/engines.js'
import type { PasskeyDevice, Signed } from '../support/passkey-device.js'
import {
  accountDoor,
  holderOn,
  loginOn,
  optionsOf,
  passkeyDoor,
  refusalsOf,
  stepUpOn,
} from '../support/passkey-holder.js'
import { usePasskeyHouse, type PasskeyHouse } from '../support/passkey-house.js'
import { codes, password, rowsOf, signInOf, startAuth, visitor, type StartedAuth } from '../support/start-auth.js'
import { until } from '../support/until.js'

const FIVE_MINUTES = 5 * 60_000

await describeWithEngine('chromium', 'passkeys, in Chromium', () => {
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

  const signForLogin = async (more = {}) => device.sign({ ...optionsOf(await door.beginLogin()), ...more })
  const audited = async (token: string, reason: string) =>
    until(async () => (await refusalsOf(auth, token)).includes(reason), 5_000)

  describe('sign in', () => {
    it('without an address or a password, at the level of two factors', async () => {
      const { email, accessToken, userId } = await holderOn(auth, device)
      const pair = await loginOn(auth, device)
      expect(pair.user).toMatchObject({ id: userId, email })
      expect(decodeJwt(pair.accessToken)).toMatchObject({ amr: ['pop', 'user', 'mfa'], acr: 'aal2' })
      const refreshed = signInOf(await visitor(auth).refresh(pair.refreshToken))
      expect(decodeJwt(refreshed.accessToken)).toMatchObject({ amr: ['pop', 'user', 'mfa'], acr: 'aal2' })
      expect(await door.list(accessToken)).toMatchObject([{ lastUsedAt: expect.any(String) }])
    })

    it('alike whoever asks: what is to be signed names nobody', async () => {
      const { challenge, ...options } = optionsOf(await door.beginLogin())
      expect(challenge).toMatch(/^[\w-]{43}$/)
      expect(options).toEqual({
        rpId: 'localhost',
        timeout: FIVE_MINUTES,
        userVerification: 'required',
        allowCredentials: [],
      })
    })

    it('once a signature: of a hundred at the same time one does', async () => {
      const { accessToken, userId } = await holderOn(auth, device)
      const signed = await signForLogin()
      const answers = await Promise.all(Array.from({ length: 100 }, () => door.finishLogin(signed)))
      expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1)
      expect(new Set(answers.flatMap(codes))).toEqual(new Set(['AUTH_INVALID_CREDENTIALS']))
      const [{ sessions }] = await rowsOf(
        auth,
        'SELECT count(*)::int AS sessions FROM auth.sessions WHERE account_id = $1',
        [userId],
      )
      expect(sessions).toBe(2) // the one by password, and one by passkey
      await audited(accessToken, 'passkey-challenge')
    })

    const flip = (base64url: string, at: number) => {
      const bytes = Buffer.from(base64url, 'base64url')
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      return bytes.toString('base64url')
    }
    const said = (signed: Signed, more: object) => {
      const clientData = JSON.parse(Buffer.from(signed.clientDataJSON, 'base64url').toString()) as object
      return Buffer.from(JSON.stringify({ ...clientData, ...more })).toString('base64url')
    }

    it.each<[string, string, (token: string) => Promise<Signed>]>([
      [
        'on another page',
        'proof',
        async () => {
          await device.goTo(house.origins.other)
          return signForLogin()
        },
      ],
      [
        'of another challenge',
        'challenge',
        () => signForLogin({ challenge: Buffer.alloc(32, 7).toString('base64url') }),
      ],
      [
        'of a challenge for another purpose',
        'challenge',
        async (accessToken) => {
          return device.sign({ ...optionsOf(await door.beginStepUp(accessToken)), allowCredentials: [] })
        },
      ],
      [
        'of a challenge that has expired',
        'challenge',
        async () => {
          const signed = await signForLogin()
          auth.weather.aheadMs = FIVE_MINUTES + 1
          return signed
        },
      ],
      [
        'by an owner the device did not verify',
        'proof',
        async () => {
          await device.verifiesOwner(false)
          return signForLogin({ userVerification: 'discouraged' })
        },
      ],
      [
        'that is bogus',
        'proof',
        async () => {
          const signed = await signForLogin()
          return { ...signed, signature: flip(signed.signature, 12) }
        },
      ],
      [
        'over other words',
        'proof',
        async () => {
          const signed = await signForLogin()
          return { ...signed, clientDataJSON: said(signed, { extra: true }) }
        },
      ],
      [
        'over other flags',
        'proof',
        async () => {
          const signed = await signForLogin()
          return { ...signed, authenticatorData: flip(signed.authenticatorData, 36) }
        },
      ],
      [
        'in a frame of another page',
        'proof',
        async () => {
          const signed = await signForLogin()
          return { ...signed, clientDataJSON: said(signed, { crossOrigin: true }) }
        },
      ],
      [
        'that was made to create a passkey',
        'proof',
        async () => {
          const signed = await signForLogin()
          return { ...signed, clientDataJSON: said(signed, { type: 'webauthn.create' }) }
        },
      ],
      [
        'without whose it is',
        'owner',
        async () => {
          const { userHandle, ...signed } = await signForLogin()
          expect(userHandle).toBeDefined()
          return signed
        },
      ],
      [
        'in the name of somebody else',
        'owner',
        async () => ({ ...(await signForLogin()), userHandle: Buffer.alloc(16).toString('base64url') }),
      ],
    ])('not by a signature %s, and the audit log tells (%s)', async (_what, reason, sign) => {
      const { accessToken } = await holderOn(auth, device)
      const before = (await rowsOf(auth, 'SELECT id FROM auth.sessions')).length
      expect(codes(await door.finishLogin(await sign(accessToken)))).toEqual(['AUTH_INVALID_CREDENTIALS'])
      auth.weather.aheadMs = 0
      await audited(accessToken, `passkey-${reason}`)
      expect((await rowsOf(auth, 'SELECT id FROM auth.sessions')).length - before).toBeLessThanOrEqual(1)
    })

    it('not with a counter that went back, as that of a copy does; and the audit log tells', async () => {
      const { accessToken } = await holderOn(auth, device)
      await device.setCounters(41)
      await loginOn(auth, device)
      await device.setCounters(41)
      expect(codes(await door.finishLogin(await signForLogin()))).toEqual(['AUTH_INVALID_CREDENTIALS'])
      await audited(accessToken, 'passkey-counter')
      await device.setCounters(42)
      await loginOn(auth, device)
    })

    it('not to an account that an administrator has locked, nor with a passkey nobody knows', async () => {
      const { accessToken, userId } = await holderOn(auth, device)
      await rowsOf(auth, 'UPDATE auth.accounts SET locked_at = now() WHERE id = $1', [userId])
      const refused = await door.finishLogin(await signForLogin())
      await rowsOf(auth, 'UPDATE auth.accounts SET locked_at = NULL WHERE id = $1', [userId])
      await audited(accessToken, 'passkey-account')
      const signed = await signForLogin()
      const unknown = await door.finishLogin({ ...signed, id: Buffer.alloc(16, 1).toString('base64url') })
      expect([refused.data, refused.errors.map(({ message }) => message)]).toEqual([
        unknown.data,
        unknown.errors.map(({ message }) => message),
      ])
    })

    it('without feeding or clearing the count of guesses', async () => {
      const { email } = await holderOn(auth, device)
      const guess = () => visitor(auth).login(email, 'not the password')
      for (let tries = 0; tries < 3; tries += 1) await guess()
      for (let tries = 0; tries < 6; tries += 1) await loginOn(auth, device) // six fed would lock, one cleared would allow five more
      await guess()
      expect(await account.outcome(email)).toBe('MfaChallenge') // the fifth try
      expect(await account.outcome(email)).toBe('AUTH_INVALID_CREDENTIALS')
      await loginOn(auth, device)
    })
  })

  describe('are the second factor of a password', () => {
    it('which alone does not sign in any more', async () => {
      const { email, userId } = await holderOn(auth, device)
      const { challengeToken, methods } = await account.challenge(email)
      expect(methods).toEqual(['PASSKEY', 'RECOVERY_CODE'])
      const options = optionsOf(await door.beginMfa(challengeToken))
      expect(options['allowCredentials']).toHaveLength(1)
      const pair = signInOf(await door.finishMfa(challengeToken, await device.sign(options)))
      expect(pair.user.id).toBe(userId)
      expect(decodeJwt(pair.accessToken)).toMatchObject({ amr: ['pwd', 'pop', 'user', 'mfa'], acr: 'aal2' })
    })

    it('for which a recovery code stands in, once', async () => {
      const { email, recoveryCodes } = await holderOn(auth, device)
      const complete = async () => account.verifyMfa((await account.challenge(email)).challengeToken, recoveryCodes[0])
      expect(codes(await complete())).toEqual([])
      expect(codes(await complete())).toEqual(['AUTH_MFA_INVALID'])
    })

    it('not with the passkey of another account, nor with a challenge of another sign-in', async () => {
      const { email } = await holderOn(auth, device)
      const other = await house.another()
      await holderOn(auth, other)
      const { challengeToken } = await account.challenge(email)
      const options = optionsOf(await door.beginMfa(challengeToken))
      const foreign = await other.sign({ ...options, allowCredentials: [] })
      expect(codes(await door.finishMfa(challengeToken, foreign))).toEqual(['AUTH_MFA_INVALID'])

      const later = await account.challenge(email)
      const signed = await device.sign(optionsOf(await door.beginMfa(challengeToken)))
      expect(codes(await door.finishMfa(later.challengeToken, signed))).toEqual(['AUTH_MFA_INVALID'])
      const login = await device.sign(optionsOf(await door.beginLogin()))
      expect(codes(await door.finishMfa(challengeToken, login))).toEqual(['AUTH_MFA_INVALID'])
    })

    it('not once the password it was begun with is another', async () => {
      const { email, accessToken } = await holderOn(auth, device)
      const { challengeToken } = await account.challenge(email)
      const signed = await device.sign(optionsOf(await door.beginMfa(challengeToken)))
      await account.changePassword(accessToken, `${password} anew`)
      expect(codes(await door.finishMfa(challengeToken, signed))).toEqual(['AUTH_TOKEN_INVALID'])
    })
  })

  describe('prove anew who somebody is', () => {
    it('in the session it was begun in', async () => {
      const { accessToken, passkey, sessionId } = await holderOn(auth, device)
      expect(codes(await door.remove(accessToken, passkey.id))).toEqual(['AUTH_STEP_UP_REQUIRED'])
      const fresh = await stepUpOn(auth, device, accessToken)
      expect(decodeJwt(fresh)).toMatchObject({ sid: sessionId, acr: 'aal2', amr: ['pop', 'user', 'mfa'] })
      expect(codes(await door.remove(fresh, passkey.id))).toEqual([])
    })

    it('not in another session, nor with the passkey of another account', async () => {
      const { accessToken } = await holderOn(auth, device)
      const { accessToken: elsewhere } = await loginOn(auth, device)
      const signed = await device.sign(optionsOf(await door.beginStepUp(accessToken)))
      expect(codes(await door.finishStepUp(elsewhere, signed))).toEqual(['AUTH_INVALID_CREDENTIALS'])

      const other = await house.another()
      await holderOn(auth, other)
      const options = optionsOf(await door.beginStepUp(accessToken))
      const foreign = await other.sign({ ...options, allowCredentials: [] })
      expect(codes(await door.finishStepUp(accessToken, foreign))).toEqual(['AUTH_INVALID_CREDENTIALS'])
    })
  })

  describe('are their owner’s', () => {
    it('to list, name and remove, and nobody else’s', async () => {
      const { accessToken, passkey } = await holderOn(auth, device)
      const other = await house.another()
      const stranger = await holderOn(auth, other)
      expect(codes(await door.rename(stranger.accessToken, passkey.id, 'Mine'))).toEqual(['RES_NOT_FOUND'])
      const fresh = await stepUpOn(auth, other, stranger.accessToken)
      expect(codes(await door.remove(fresh, passkey.id))).toEqual(['RES_NOT_FOUND'])

      await door.rename(accessToken, passkey.id, ' Laptop ')
      expect(await door.list(accessToken)).toMatchObject([{ id: passkey.id, name: 'Laptop' }])
    })

    it('and when the last is removed the password signs in alone again, recovery codes are void, and the owner is told', async () => {
      const { email, accessToken, passkey } = await holderOn(auth, device)
      const fresh = await stepUpOn(auth, device, accessToken)
      expect(codes(await door.remove(fresh, passkey.id))).toEqual([])
      expect(await account.secondFactors(fresh)).toEqual({ totp: false, passkeys: 0, recoveryCodesLeft: 0 })
      expect(await account.outcome(email)).toBe('AuthPayload')
      expect(codes(await door.finishLogin(await signForLogin()))).toEqual(['AUTH_INVALID_CREDENTIALS'])
      await until(async () => (await account.mailsTo(email)).includes('A passkey was removed'), 5_000)
      expect(await account.actions(fresh)).toContain('passkey.removed')
    })
  })

  it('are refused where none are configured, in words for a person', async () => {
    const without = await startAuth()
    try {
      const { errors } = await passkeyDoor(without).beginLogin()
      expect(errors).toMatchObject([
        { message: 'Passkeys are not in use here: sign in by password.', extensions: { code: 'AUTHZ_FORBIDDEN' } },
      ])
    } finally {
      await without.close()
    }
  })

  it.each([
    ['a signature too long', { signature: 'A'.repeat(1_025) }],
    ['what is not Base64url', { authenticatorData: 'ab+/=' }],
    ['no id', { id: '' }],
    ['a handle too long', { userHandle: 'A'.repeat(87) }],
    ['words too long', { clientDataJSON: 'A'.repeat(4_097) }],
  ])('are refused with %s before anything is looked up', async (_what, part) => {
    const signed = { id: 'AAAA', clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' }
    const [code] = codes(await door.finishLogin({ ...signed, ...part }))
    expect(code).toMatch(/^VAL_/)
  })

  it.each([
    ['that is not JSON', 'AAAA'],
    ['of another form', Buffer.from('[]').toString('base64url')],
    ['nested deeply', Buffer.from('['.repeat(3_000)).toString('base64url')],
  ])('are refused with client data %s', async (_what, clientDataJSON) => {
    const { created } = await holderOn(auth, device)
    const signed = { id: created.id, clientDataJSON, authenticatorData: 'AAAA', signature: 'AAAA' }
    expect(codes(await door.finishLogin(signed))).toEqual(['AUTH_INVALID_CREDENTIALS'])
  })
})
