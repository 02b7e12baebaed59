import { createHmac, createSign, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { createLocalJWKSet } from 'jose'
import { AppError } from '../errors/app-error.js'
import { createAccessTokenVerifier } from './access-token-verifier.js'

/*
 * Tokens made by hand, so that nothing a signing library refuses to make is missing: what a forger can send, and the answer.
 */
const own = generateKeyPairSync('ed25519')
const ownElliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ownRsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const foreign = generateKeyPairSync('ed25519')
const [issuer, audience] = ['http://auth.test', 'biometrics']

const verifier = createAccessTokenVerifier({
  issuer,
  audience,
  keys: createLocalJWKSet({
    // an RSA key is published too: that its signature is good must not be enough
    keys: [own, ownElliptic, ownRsa].map(({ publicKey }, index) => ({
      ...(publicKey.export({ format: 'jwk' }) as { kty: string }),
      kid: `${index}`,
    })),
  }),
})

type Part = Readonly<Record<string, unknown>>
type Signer = (input: string) => Buffer

const encode = (part: Part | string): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
const nowSeconds = (): number => Math.floor(Date.now() / 1000)
const edSigned =
  (key: KeyObject): Signer =>
  (input) =>
    sign(null, Buffer.from(input), key)
const hmac =
  (secret: string | Buffer): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest()
const unsigned: Signer = () => Buffer.alloc(0)

/** A good token, but for what is given. Undefined takes a member away. */
function token(header: Part = {}, claims: Part = {}, signer = edSigned(own.privateKey)): string {
  const head = encode({ alg: 'EdDSA', typ: 'at+jwt', kid: '0', ...header })
  const good = {
    iss: issuer,
    aud: audience,
    sub: '018f4e6a-7b3c-7d2e-9a10-0123456789ab',
    sid: '018f4e6a-7b3c-7d2e-9a10-0123456789ac',
    client_id: 'web',
    jti: 'j1',
    iat: nowSeconds(),
    exp: nowSeconds() + 900,
    roles: ['user'],
    scope: 'content:read content:write',
  }
  const input = `${head}.${encode({ ...good, ...claims })}`
  return `${input}.${signer(input).toString('base64url')}`
}

async function answerTo(text: string): Promise<string> {
  try {
    return (await verifier.verify(text)).userId
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.code
  }
}

const good = '018f4e6a-7b3c-7d2e-9a10-0123456789ab'
const pem = String(own.publicKey.export({ type: 'spki', format: 'pem' }))
const der = own.publicKey.export({ type: 'spki', format: 'der' })
const rawKey = Buffer.from(String(own.publicKey.export({ format: 'jwk' }).x), 'base64url')
const foreignJwk = foreign.publicKey.export({ format: 'jwk' })
const signedElsewhere = edSigned(foreign.privateKey)

function tampered(change: (parts: string[]) => void): string {
  const parts = token().split('.')
  change(parts)
  return parts.join('.')
}

describe('an access token', () => {
  it.each([
    ['as auth makes it', token()],
    ['whose audience is one of several', token({}, { aud: ['other', audience] })],
    ['whose type is written as a media type in full (RFC 7515 4.1.9)', token({ typ: 'application/at+jwt' })],
    ['whose type is written in other letters, as media types may be', token({ typ: 'AT+JWT' })],
    [
      'of the other algorithm',
      token({ alg: 'ES256', kid: '1' }, {}, (input) =>
        createSign('sha256').update(input).sign({ key: ownElliptic.privateKey, dsaEncoding: 'ieee-p1363' }),
      ),
    ],
    ['that ended a moment ago by another clock', token({}, { exp: nowSeconds() })],
  ])('%s is accepted', async (_what, text) => {
    expect(await answerTo(text)).toBe(good)
  })

  it.each([
    ['without a signature', token({ alg: 'none' }, {}, unsigned)],
    ['without a signature, in other letters', token({ alg: 'nOnE' }, {}, unsigned)],
    ['that says none and is signed', token({ alg: 'none' })],
    ['without an algorithm', token({ alg: undefined })],
    ['whose signature is empty', token({}, {}, unsigned)],
    ['that took the public key as a secret, in PEM', token({ alg: 'HS256' }, {}, hmac(pem))],
    ['that took it in PEM without the last line end', token({ alg: 'HS256' }, {}, hmac(pem.trim()))],
    ['that took it in DER', token({ alg: 'HS256' }, {}, hmac(der))],
    ['that took its bytes', token({ alg: 'HS256' }, {}, hmac(rawKey))],
    [
      'that took it as a JWK',
      token({ alg: 'HS256' }, {}, hmac(JSON.stringify(own.publicKey.export({ format: 'jwk' })))),
    ],
    ['that took an empty secret', token({ alg: 'HS256' }, {}, hmac(''))],
    [
      'well signed with an algorithm that is not on the list',
      token({ alg: 'RS256', kid: '2' }, {}, (input) => createSign('sha256').update(input).sign(ownRsa.privateKey)),
    ],
    ['signed by somebody else', token({}, {}, signedElsewhere)],
    ['of an unknown key', token({ kid: 'unknown' })],
    ['that brings its own key', token({ jwk: foreignJwk, kid: undefined }, {}, signedElsewhere)],
    [
      'that names where its key lies',
      token({ jku: 'http://127.0.0.1:9/jwks.json', kid: 'theirs' }, {}, signedElsewhere),
    ],
    ['that names a certificate', token({ x5u: 'http://127.0.0.1:9/cert.pem' }, {}, signedElsewhere)],
    ['that brings a certificate', token({ x5c: ['MIIB'] }, {}, signedElsewhere)],
    ['with an extension nobody knows', token({ crit: ['exp2'], exp2: 1 })],
    ['with an empty list of extensions', token({ crit: [] })],
    ['of no type', token({ typ: undefined })],
    ['that is an ID token', token({ typ: 'JWT' })],
    ['that is a token of a logout', token({ typ: 'logout+jwt' })],
    ['of a type that only begins alike', token({ typ: 'at+jwt2' })],
    ['of another issuer', token({}, { iss: 'http://auth.test.evil' })],
    ['of an issuer in other letters', token({}, { iss: issuer.toUpperCase() })],
    ['for another audience', token({}, { aud: 'billing' })],
    ['for several other audiences', token({}, { aud: ['billing', 'biometrics2'] })],
    ['that is not good yet', token({}, { nbf: nowSeconds() + 60 })],
    ['whose end is not a number', token({}, { exp: '9999999999' })],
    ['whose user is not an id', token({}, { sub: 'admin' })],
    ['whose roles are one text', token({}, { roles: 'admin' })],
    ['whose permissions are a list', token({}, { scope: ['content:read'] })],
    ...['iss', 'aud', 'sub', 'sid', 'exp', 'roles', 'scope'].map((claim): [string, string] => [
      `without ${claim}`,
      token({}, { [claim]: undefined }),
    ]),
    [
      'whose claims were changed',
      tampered((parts) => (parts[1] = token({}, { roles: ['superadmin'] }).split('.')[1] ?? '')),
    ],
    ['whose header was changed', tampered((parts) => (parts[0] = encode({ alg: 'EdDSA', typ: 'at+jwt', x: 1 })))],
    ['whose signature was cut', tampered((parts) => (parts[2] = parts[2]?.slice(0, -4) ?? ''))],
    ['whose claims are not JSON', tampered((parts) => (parts[1] = encode('{')))],
    ['in two parts', tampered((parts) => parts.pop())],
    ['in five parts', tampered((parts) => parts.push('', ''))],
    ['that is no token', 'abc'],
    ['that is empty', ''],
  ])('%s is refused', async (_what, text) => {
    expect(await answerTo(text)).toBe('AUTH_TOKEN_INVALID')
  })

  it('that has expired is refused as such, only where it is good otherwise', async () => {
    const exp = nowSeconds() - 60
    expect(await answerTo(token({}, { exp }))).toBe('AUTH_TOKEN_EXPIRED')
    expect(await answerTo(token({}, { exp }, signedElsewhere))).toBe('AUTH_TOKEN_INVALID')
    expect(await answerTo(token({}, { exp, aud: 'billing' }))).toBe('AUTH_TOKEN_INVALID')
  })

  it('is refused as a fault of ours while the key set cannot be read', async () => {
    const keys = () => Promise.reject(new TypeError('fetch failed'))
    await expect(createAccessTokenVerifier({ issuer, audience, keys }).verify(token())).rejects.toMatchObject({
      code: 'INT_EXTERNAL_SERVICE_ERROR',
    })
  })
})

describe('a token that was good a moment ago', () => {
  const start = Date.now()
  /** A verifier that counts how often a key was asked for, and its clock. */
  const counting = () => {
    const clock = { now: start, asked: 0 }
    const keys = async () => {
      clock.asked += 1
      return own.publicKey
    }
    return { clock, verify: createAccessTokenVerifier({ issuer, audience, keys, now: () => clock.now }).verify }
  }

  it('is good for half a minute without another look at its signature', async () => {
    const { clock, verify } = counting()
    const text = token()
    const principal = await verify(text)
    clock.now += 29_000
    expect(verify(text)).toBe(principal)
    clock.now += 1_000
    expect(await verify(text)).toEqual(principal)
    expect(clock.asked).toBe(2)
  })

  it('is not good any more once it has expired', async () => {
    const { clock, verify } = counting()
    const text = token({}, { exp: Math.floor(start / 1_000) + 10 })
    await verify(text)
    clock.now += 20_000
    await expect(verify(text)).rejects.toMatchObject({ code: 'AUTH_TOKEN_EXPIRED' })
  })

  it('vouches for no other', async () => {
    const { verify } = counting()
    const text = token()
    await verify(text)
    const forged = [...text.split('.').slice(0, 2), token({}, { sid: crypto.randomUUID() }).split('.')[2]].join('.')
    await expect(verify(forged)).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
    await expect(verify(`${text}x`)).rejects.toMatchObject({ code: 'AUTH_TOKEN_INVALID' })
  })
})
