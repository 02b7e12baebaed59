import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { openPart } from '../../../platform/personal-data/sealed-parts.js'
import { makeArchive, type ExportAnswer } from '../domain/export-archive.js'
import { archiveContext, keyContext } from '../domain/export-data.js'
import type { DataExport as DataExportRow } from '../generated/prisma/client.js'
import { tellOfExport } from './prisma-data-exports.js'
import type { UserTransaction } from './user-prisma.js'

const LIFE_MS = 24 * 3_600_000

/** Makes the archive of an export whose answers are whole, and destroys its key and the parts. */
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
  const answers: ExportAnswer[] = []
  for (const [service, answerId] of whole) {
    answers.push({ service, bytes: await openAnswer(transaction, key, { exportId: id, service, answerId }) })
  }
  const archive = await makeArchive(answers, { exportId: id, userId, requestedAt, completedAt: at })
  await transaction.dataExport.update({
    where: { id },
    data: {
      state: 'READY',
      endedAt: at,
      expiresAt: new Date(at.getTime() + LIFE_MS),
      sealedPrivateKey: null,
      sealedArchive: cipher.seal(archive, archiveContext(id)),
      archiveBytes: archive.byteLength,
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
  const gone = { sealedPrivateKey: null, sealedArchive: null, archiveBytes: null, linkFingerprint: null }
  const ended = state === 'FAILED' ? { endedAt: at } : {}
  await transaction.dataExport.update({
    where: { id },
    data: { state, ...gone, ...ended, linkExpiresAt: null, expiresAt: null },
  })
  await transaction.dataExportPart.deleteMany({ where: { exportId: id } })
  await tellOfExport(transaction, id, at)
}

async function openAnswer(
  transaction: UserTransaction,
  key: Uint8Array,
  answer: { readonly exportId: string; readonly service: string; readonly answerId: string },
): Promise<Uint8Array> {
  const parts = await transaction.dataExportPart.findMany({ where: answer, orderBy: { number: 'asc' } })
  const opened: Uint8Array[] = []
  for (const { number, sealed } of parts) opened.push(await openPart(sealed, { ...answer, number }, key))
  return Buffer.concat(opened)
}
