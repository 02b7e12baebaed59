import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { WebSocket } from 'ws'
import type { Face, Faces } from '../../demo/play-verification.js'
import { playStory, type StoryOutcome } from '../../demo/story.js'
import { createFaceSource } from './synthetic-faces.js'

export interface StorySystem {
  /** The gateway's address. */
  readonly url: string
  readonly keySetUrl: string
  /** Everything that was logged or sent as an event, as text. */
  written(): Promise<string>
  close(): Promise<void>
}

/** The product's whole story through the gateway alone, the same on every way of running the system. */
export function describeStory(name: string, open: () => Promise<StorySystem>): void {
  describe(`the story on ${name}`, () => {
    let system: StorySystem
    let outcome: StoryOutcome
    const shown: number[][] = []
    const said: string[] = []

    beforeAll(async () => {
      system = await open()
      outcome = await playStory({
        url: system.url,
        faces: recorded({ ...createFaceSource(7), modelVersion: 'synthetic-face-1' }, shown),
        tell: (line) => said.push(line),
        webSocketImpl: WebSocket,
      })
    }, 90_000)
    afterAll(() => system?.close(), 30_000)

    it('signs a person in with a token that the published keys verify, for 15 minutes', async () => {
      const { accessToken, expiresIn, user } = outcome.identity.tokens
      const { payload } = await jwtVerify(accessToken, createRemoteJWKSet(new URL(system.keySetUrl)))
      expect(decodeProtectedHeader(accessToken).alg).toBe('EdDSA')
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900)
      expect(expiresIn).toBe(900)
      expect(payload.sub).toBe(user.id)
      expect(JSON.stringify(payload)).not.toContain(outcome.identity.email)
    })

    it('joins a user from auth and user', () => {
      expect(outcome.identity.me.me).toMatchObject({
        id: outcome.identity.tokens.user.id,
        email: outcome.identity.email,
        role: 'USER',
        profile: { displayName: 'Ada Lovelace' },
      })
    })

    it('enrols a face and says how good the sample is', () => {
      const { record } = outcome.verification
      expect(record).toMatchObject({ type: 'FACE', isActive: true })
      expect(record.qualityScore).toBeGreaterThan(50)
      expect(record.qualityScore).toBeLessThanOrEqual(100)
    })

    it('streams every state of a genuine verification, each joined across the subgraphs', () => {
      const { progress, result } = outcome.verification.genuine
      expect(progress.map(({ state }) => state)).toEqual([
        'CREATED',
        'CAPTURING',
        'PROCESSING',
        'MATCHING',
        'SUCCEEDED',
      ])
      expect(progress.map(({ percent }) => percent)).toEqual(
        [...progress.map(({ percent }) => percent)].sort((a, b) => a - b),
      )
      for (const event of progress) {
        expect(event.message).not.toBe('')
        expect(new Date(event.occurredAt).toISOString()).toBe(event.occurredAt)
        expect(event.session?.user).toEqual({
          id: outcome.identity.tokens.user.id,
          profile: { displayName: 'Ada Lovelace' },
        })
        expect(event.session?.record).toEqual({ type: 'FACE' })
      }
      expect(progress.at(-1)?.session?.result).toEqual({ decision: 'MATCH' })
      expect(result).toMatchObject({ decision: 'MATCH', falseMatchRate: 0.0001 })
    })

    it('fails an impostor', () => {
      const { progress, result } = outcome.verification.impostor
      expect(progress.at(0)?.state).toBe('CREATED')
      expect(progress.at(-1)).toMatchObject({
        state: 'FAILED',
        percent: 100,
        session: { result: { decision: 'NON_MATCH' } },
      })
      expect(result?.decision).toBe('NON_MATCH')
    })

    it('lets user know of a verification by event', () => {
      expect(outcome.verification.me.me?.lastVerifiedAt).toBe(outcome.verification.genuine.result?.decidedAt)
    })

    it('hides a draft, shows what is published, finds it by its words and names its author', () => {
      const { draft, before, published, found } = outcome.content
      expect(draft.status).toBe('DRAFT')
      expect(before.contents?.edges).toEqual([])
      expect(published).toMatchObject({ id: draft.id, status: 'PUBLISHED' })
      expect(found.contents?.edges.map(({ node }) => node)).toEqual([
        expect.objectContaining({
          id: draft.id,
          author: { id: outcome.identity.tokens.user.id, profile: { displayName: 'Ada Lovelace' } },
        }),
      ])
      expect(found.contents?.pageInfo.hasNextPage).toBe(false)
    })

    it('lets user know of a publication by event', () => {
      expect(outcome.content.me.me?.publishedContentCount).toBe(1)
    })

    it('answers an AI request at once and streams it to its end', () => {
      const { asked, progress, answered } = outcome.ai
      expect(asked.state).toBe('QUEUED')
      expect(progress.map(({ state }) => state)).toEqual(['QUEUED', 'RUNNING', 'COMPLETED'])
      expect(answered).toMatchObject({ state: 'COMPLETED', model: 'demo-model', failure: null })
      expect(progress.at(-1)?.request?.output).toBe(answered?.output)
      expect(answered?.output).toBeTruthy()
    })

    it('puts no template, password or token into an answer, a log line or an event', async () => {
      const written = await system.written()
      const answers = said.filter((line) => line.startsWith('  <')).join('\n')
      expect(written).toContain('biometric.verified')
      expect(shown.length).toBeGreaterThanOrEqual(3)
      for (const embedding of shown) {
        for (const trace of tracesOf(embedding)) {
          expect(written.includes(trace)).toBe(false)
          expect(answers.includes(trace)).toBe(false)
        }
      }
      expect(written).not.toContain(outcome.identity.tokens.accessToken)
      expect(written).not.toContain(outcome.identity.tokens.refreshToken)
      expect(written).not.toContain('correct horse')
    })
  })
}

/** The same faces, each sample noted. */
function recorded(faces: Faces, shown: number[][]): Faces {
  return {
    modelVersion: faces.modelVersion,
    person(): Face {
      const person = faces.person()
      return {
        sample() {
          const sample = person.sample()
          shown.push([...sample])
          return sample
        },
      }
    },
  }
}

/** What a vector would look like in text, as numbers or as packed bytes, whole or normalised. */
function tracesOf(embedding: readonly number[]): string[] {
  const length = Math.hypot(...embedding)
  const packed = [Float32Array, Float64Array].map((Kind) => Buffer.from(Kind.from(embedding).buffer).toString('base64'))
  const numbers = embedding.slice(0, 8).flatMap((value) => [String(value), String(value / length)])
  return [...numbers.map((text) => text.slice(0, 12)), ...packed.map((text) => text.slice(8, 40))]
}
