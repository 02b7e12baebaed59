import { WebSocket } from 'ws'
import {
  EnrollBiometricDocument,
  StartVerificationDocument,
  SubmitVerificationFrameDocument,
  VerificationProgressDocument,
} from '../../clients/generated/documents.js'
import { agreeToBiometrics } from '../../demo/agree-to-biometrics.js'
import { createGraphqlClient } from '../../clients/graphql-client.js'
import { createFaceSource } from '../../tests/support/synthetic-faces.js'
import { summarise, type LoadResult } from '../load.js'

export interface ProgressOptions {
  /** The gateway's address. */
  readonly url: string
  /** One token a person; each is verified again and again for the time of the run. */
  readonly tokens: readonly string[]
  readonly durationMs: number
}

export interface ProgressResult {
  /** From the moment an event says it happened to its arrival, joined across the subgraphs. */
  readonly deliveries: LoadResult
  readonly verificationsPerSecond: number
}

const MODEL = 'bench-face-1'

/** Verifications by several people at once, each watched over a socket of its own. */
export async function benchProgress({ url, tokens, durationMs }: ProgressOptions): Promise<ProgressResult> {
  const delays: number[] = []
  const started = performance.now()
  const counts = await Promise.all(
    tokens.map((token, index) =>
      verifyAgainAndAgain(url, token, index, () => performance.now() - started < durationMs, delays),
    ),
  )
  const elapsedMs = performance.now() - started
  const verifications = counts.reduce((sum, count) => sum + count, 0)
  return { deliveries: summarise(delays, elapsedMs), verificationsPerSecond: (verifications * 1_000) / elapsedMs }
}

async function verifyAgainAndAgain(
  url: string,
  token: string,
  seed: number,
  goOn: () => boolean,
  delays: number[],
): Promise<number> {
  const client = createGraphqlClient({ url, accessToken: () => token, webSocketImpl: WebSocket })
  const person = createFaceSource(seed + 1).person()
  await agreeToBiometrics(client)
  const enrolment = { type: 'FACE' as const, embedding: person.sample(), modelVersion: MODEL }
  const { enrollBiometric: record } = await client.request(EnrollBiometricDocument, { input: enrolment })
  let verifications = 0
  while (goOn()) {
    const { startVerification: session } = await client.request(StartVerificationDocument, { recordId: record.id })
    const frame = { sessionId: session.id, nonce: session.nonce ?? '', embedding: person.sample(), modelVersion: MODEL }
    let submitted: Promise<unknown> | undefined
    for await (const { verificationProgress: event } of client.subscribe(VerificationProgressDocument, {
      sessionId: session.id,
    })) {
      if (submitted !== undefined) delays.push(Date.now() - Date.parse(event.occurredAt))
      submitted ??= client.request(SubmitVerificationFrameDocument, { input: frame })
    }
    await submitted
    verifications += 1
  }
  await client.close()
  return verifications
}
