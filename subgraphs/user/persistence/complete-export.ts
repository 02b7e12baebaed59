import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { joinLines, UnreadableAnswerError, type ExportLine } from '../../../platform/personal-data/export-lines.js'
import { openPart } from '../../../platform/personal-data/sealed-parts.js'
import { sealPieces } from '../domain/archive-pieces.js'
import { makeArchive, type ExportAnswer } from '../domain/export-archive.js'
import { keyContext } from '../domain/export-data.js'
import type { DataExport as DataExportRow } from '../generated/prisma/client.js'
import { tellOfExport } from './prisma-data-exports.js'
import type { UserTransaction } from './user-prisma.js'

const LIFE_MS = 24 * 3_600_000

/** The answer of a service is whole and can't be read: somebody changed it on its way, or it is none. */
export class SpoiltAnswerError extends Error {
  readonly answer: AnswerPlace

  constructor(answer: AnswerPlace, cause: Error) {
    super('An answer to an export can not be read.', { cause })
    this.answer = answer
  }
}

export interface AnswerPlace {
  readonly exportId: string
  readonly service: string
  readonly answerId: string
}

/**
 * Makes the archive of an export whose answers are whole, and destroys its key and the parts. Throws SpoiltAnswerError, and
 * ExportRefusedError where a service has more than it can give; the transaction is then of no use.
 */
export async function completeExport(
  transaction: UserTransaction,
  cipher: EnvelopeCipher,
  found: DataExportRow,
  whole: ReadonlyMap<string, string>,
  at: Date,
): Promise<void> {
  const { id, userId, requestedAt, sealedPrivateKey } = found
  if (sealedPrivateKey === null) throw new Error('An export that is gathering has no key.')
  const key = cipher.open(sealedPrivateKey, keyContext(id))
  const answers: ExportAnswer[] = [...whole].map(([service, answerId]) => ({
    service,
    lines: () => readAnswer(transaction, key, { exportId: id, service, answerId }),
  }))
  const archive = makeArchive(answers, { exportId: id, userId, requestedAt, completedAt: at })
  let archiveBytes = 0
  for await (const { number, bytes, sealed } of sealPieces(cipher, id, archive)) {
    await transaction.dataExportPiece.create({ data: { exportId: id, number, sealed }, select: { number: true } })
    archiveBytes += bytes
  }
  await transaction.dataExport.update({
    where: { id },
    data: {
      state: 'READY',
      endedAt: at,
      expiresAt: new Date(at.getTime() + LIFE_MS),
      sealedPrivateKey: null,
      archiveBytes,
    },
  })
  await transaction.dataExportPart.deleteMany({ where: { exportId: id } })
  await tellOfExport(transaction, id, at)
}

/** Ends an export without an archive: it failed, or its time is over. Nothing of what was gathered stays. */
export async function endExport(
  transaction: UserTransaction,
  id: string,
  state: 'FAILED' | 'EXPIRED',
  at: Date,
): Promise<void> {
  const gone = { sealedPrivateKey: null, archiveBytes: null, linkFingerprint: null }
  const ended = state === 'FAILED' ? { endedAt: at } : {}
  await transaction.dataExport.update({
    where: { id },
    data: { state, ...gone, ...ended, linkExpiresAt: null, expiresAt: null },
  })
  await transaction.dataExportPart.deleteMany({ where: { exportId: id } })
  await transaction.dataExportPiece.deleteMany({ where: { exportId: id } })
  await tellOfExport(transaction, id, at)
}

/** Forgets an answer, so that its service is asked again. */
export async function dropAnswer(transaction: UserTransaction, answer: AnswerPlace): Promise<void> {
  await transaction.dataExportPart.deleteMany({ where: answer })
}

async function* readAnswer(
  transaction: UserTransaction,
  key: Uint8Array,
  place: AnswerPlace,
): AsyncGenerator<ExportLine> {
  try {
    yield* joinLines(readParts(transaction, key, place))
  } catch (error) {
    throw error instanceof UnreadableAnswerError ? new SpoiltAnswerError(place, error) : error
  }
}

async function* readParts(
  transaction: UserTransaction,
  key: Uint8Array,
  place: AnswerPlace,
): AsyncGenerator<Uint8Array> {
  for (let number = 1; ; number += 1) {
    const part = await transaction.dataExportPart.findUnique({
      where: { exportId_service_answerId_number: { ...place, number } },
    })
    if (part === null) return
    yield await openPart(part.sealed, { ...place, number }, key).catch((cause: unknown) => {
      throw new UnreadableAnswerError('A part is not what was sealed.', { cause })
    })
  }
}
