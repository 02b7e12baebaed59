import { z } from 'zod'
import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import type { BegunPassages } from '../domain/provider-passages.js'
import type { AuthPrisma } from './auth-prisma.js'

const sealedPair = z.object({ nonce: z.string(), verifier: z.string() })

/** Ways to identity providers in Postgres; what proves that an answer is for one of them is sealed. */
export function createPrismaBegunPassages(prisma: AuthPrisma, cipher: EnvelopeCipher): BegunPassages {
  return {
    async add({ fingerprint, browserFingerprint, providerId, passage, linker, expiresAt }) {
      const { redirectUri, nonce, verifier, isFresh, startedAt } = passage
      const pair = new TextEncoder().encode(JSON.stringify({ nonce, verifier }))
      await prisma.providerSignIn.deleteMany({ where: { expiresAt: { lt: startedAt } } })
      await prisma.providerSignIn.create({
        data: {
          fingerprint,
          browserFingerprint,
          provider: providerId,
          redirectUri,
          sealedSecrets: cipher.seal(pair, contextOf(fingerprint)),
          isFresh,
          accountId: linker?.userId ?? null,
          sessionId: linker?.sessionId ?? null,
          startedAt,
          expiresAt,
        },
      })
    },
    async take(fingerprint, at) {
      const row = await prisma.providerSignIn.findUnique({ where: { fingerprint } })
      const { count } = await prisma.providerSignIn.deleteMany({ where: { fingerprint } })
      if (row === null || count === 0 || row.expiresAt <= at) return null
      const { provider: providerId, redirectUri, isFresh, startedAt, accountId, sessionId, expiresAt } = row
      const opened = cipher.open(row.sealedSecrets, contextOf(fingerprint))
      const pair = sealedPair.parse(JSON.parse(new TextDecoder().decode(opened)))
      return {
        fingerprint,
        browserFingerprint: new Uint8Array(row.browserFingerprint),
        providerId,
        passage: { ...pair, redirectUri, isFresh, startedAt },
        linker: accountId !== null && sessionId !== null ? { userId: accountId, sessionId } : null,
        expiresAt,
      }
    },
  }
}

function contextOf(fingerprint: Uint8Array): string {
  return `provider-sign-in:${Buffer.from(fingerprint).toString('base64url')}`
}
