import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { createAccessTokenVerifier } from '../../platform/identity/access-token-verifier.js'
import { median } from '../load.js'

const TOKENS = 3_000 // fewer than are remembered
const ROUNDS = 5
const [issuer, audience] = ['http://bench.test', 'bench']

export interface TokenRates {
  /** Each token for the first time. */
  readonly cold: number
  /** Each token once more. */
  readonly remembered: number
  /** Bare Ed25519 signatures over the same bytes, by `node:crypto` in a loop. */
  readonly limit: number
}

/** Verifications a second, medians of some rounds, one after the other, in this process. */
export async function benchTokens(): Promise<TokenRates> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const tokens: string[] = []
  for (let n = 0; n < TOKENS; n += 1) tokens.push(await sign(privateKey))
  const once = async () => {
    const verifier = createAccessTokenVerifier({ issuer, audience, keys: async () => publicKey })
    const cold = await rate(tokens, async (token) => void (await verifier.verify(token)))
    const remembered = await rate(tokens, async (token) => void (await verifier.verify(token)))
    const limit = await rate(tokens, async (token) => verifyBare(token, publicKey))
    return { cold, remembered, limit }
  }
  await once() // warms the compilers
  const rounds: TokenRates[] = []
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await once())
  const of = (key: keyof TokenRates) => median(rounds.map((rates) => rates[key]))
  return { cold: of('cold'), remembered: of('remembered'), limit: of('limit') }
}

function sign(key: KeyObject): Promise<string> {
  return new SignJWT({ sid: crypto.randomUUID(), roles: ['user'], scope: 'user:read content:read' })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(crypto.randomUUID())
    .setIssuedAt()
    .setJti(crypto.randomUUID())
    .setExpirationTime('15m')
    .sign(key)
}

function verifyBare(token: string, key: KeyObject): void {
  const dot = token.lastIndexOf('.')
  const isGood = verify(null, Buffer.from(token.slice(0, dot)), key, Buffer.from(token.slice(dot + 1), 'base64url'))
  if (!isGood) throw new Error('A signature of this benchmark is not good.')
}

async function rate(tokens: readonly string[], work: (token: string) => Promise<void>): Promise<number> {
  const started = performance.now()
  for (const token of tokens) await work(token)
  return (tokens.length * 1_000) / (performance.now() - started)
}
