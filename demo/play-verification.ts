import {
  EnrollBiometricDocument,
  MeDocument,
  StartVerificationDocument,
  SubmitVerificationFrameDocument,
  VerificationProgressDocument,
  type VerificationProgressSubscription,
} from '../clients/generated/documents.js'
import type { GraphqlClient } from '../clients/graphql-client.js'
import { agreeToBiometrics } from './agree-to-biometrics.js'
import { eventually } from './eventually.js'

/** One face of a synthetic person: every sample is a new 512-d embedding of the same face. */
export interface Face {
  sample(): readonly number[]
}

export interface Faces {
  /** Name of the model the embeddings are made as. */
  readonly modelVersion: string
  person(): Face
}

type Progress = VerificationProgressSubscription['verificationProgress']

/** Agrees to it, enrols a face, verifies its owner while watching, then an impostor. */
export async function playVerification(client: GraphqlClient, faces: Faces) {
  await agreeToBiometrics(client)
  const owner = faces.person()
  const { enrollBiometric: record } = await client.request(EnrollBiometricDocument, {
    input: { type: 'FACE', embedding: owner.sample(), modelVersion: faces.modelVersion },
  })
  const genuine = await verify(client, record.id, owner, faces.modelVersion)
  const me = await eventually(
    () => client.request(MeDocument, {}),
    (answer) => answer.me?.lastVerifiedAt !== null,
  )
  const impostor = await verify(client, record.id, faces.person(), faces.modelVersion)
  return { record, genuine, impostor, me }
}

/** One verification, watched from its start: frames of one face until it is decided. */
async function verify(client: GraphqlClient, recordId: string, face: Face, modelVersion: string) {
  const { startVerification: session } = await client.request(StartVerificationDocument, { recordId })
  const watching = watch(client, session.id)
  let { nonce } = session
  let submitted
  do {
    ;({ submitVerificationFrame: submitted } = await client.request(SubmitVerificationFrameDocument, {
      input: { sessionId: session.id, nonce: nonce ?? '', embedding: face.sample(), modelVersion },
    }))
    ;({ nonce } = submitted)
  } while (submitted.result === null && submitted.attemptsLeft > 0)
  return { session, result: submitted.result, progress: await watching }
}

async function watch(client: GraphqlClient, sessionId: string): Promise<Progress[]> {
  const progress: Progress[] = []
  for await (const event of client.subscribe(VerificationProgressDocument, { sessionId })) {
    progress.push(event.verificationProgress)
  }
  return progress
}
