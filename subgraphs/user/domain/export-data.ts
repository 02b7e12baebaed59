import type { EnvelopeCipher } from '../../../platform/crypto/envelope.js'
import { createSecretToken, fingerprintOfToken } from '../../../platform/crypto/secret-token.js'
import { AppError } from '../../../platform/errors/app-error.js'
import { createExportKeys, type ExportPublicKey } from '../../../platform/personal-data/sealed-parts.js'
import { openPieces } from './archive-pieces.js'
import type { DataExport } from './data-export.js'

type Bytes = Uint8Array<ArrayBuffer>

export interface NewDataExport {
  readonly id: string
  readonly userId: string
  readonly requestedAt: Date
  readonly publicKey: ExportPublicKey
  readonly sealedPrivateKey: Bytes
}

export interface DataExports {
  /**
   * Stores it and asks all services, all or nothing. Else says why not: one is under way, or since when there have been as
   * many as may be since `since`.
   */
  open(
    wanted: NewDataExport,
    most: { readonly count: number; readonly since: Date },
  ): Promise<DataExport | 'under-way' | { readonly oldest: Date }>
  find(id: string, userId: string): Promise<DataExport | null>
  /** Gives an archive that can be downloaded its one link, and tells the security log. False where there is none. */
  link(id: string, userId: string, link: { fingerprint: Bytes; at: Date; expiresAt: Date }): Promise<boolean>
  /** The archive, to the first who comes with the link, and to nobody else; the security log is told. */
  take(fingerprint: Bytes, at: Date): Promise<{ readonly id: string; readonly bytes: number } | null>
  /** A piece of an archive, numbered from 1; null where there is none any more. */
  piece(id: string, number: number): Promise<Bytes | null>
}

/** A ZIP that is read a piece at a time; one that is destroyed meanwhile throws. */
export interface Archive {
  readonly bytes: number
  readonly pieces: AsyncGenerator<Uint8Array>
}

export interface ExportDataDependencies {
  readonly exports: DataExports
  readonly cipher: EnvelopeCipher
  /** Where links lead, with a slash at its end. */
  readonly downloadUrl: string
  readonly now: () => Date
  readonly newId: () => string
}

const DAY_MS = 86_400_000
const MOST_A_DAY = 3
const LINK_MS = 15 * 60_000

/** The context of an export's private key, which is sealed under the master key. */
export const keyContext = (id: string): string => `data export key ${id}`

/** What people do to get a copy of their data. */
export function createExportData({ exports, cipher, downloadUrl, now, newId }: ExportDataDependencies) {
  return {
    /** Throws RES_CONFLICT while one is under way, RATE_LIMIT_EXCEEDED after three in a day. */
    async request(userId: string): Promise<DataExport> {
      const [id, requestedAt, keys] = [newId(), now(), await createExportKeys()]
      const sealedPrivateKey = cipher.seal(keys.privateKey, keyContext(id))
      const since = new Date(requestedAt.getTime() - DAY_MS)
      const opened = await exports.open(
        { id, userId, requestedAt, publicKey: keys.publicKey, sealedPrivateKey },
        { count: MOST_A_DAY, since },
      )
      if (opened === 'under-way') {
        throw new AppError('RES_CONFLICT', { message: 'An export of yours is under way: wait for its end.' })
      }
      if ('oldest' in opened) {
        const retryAfterSeconds = Math.max(1, Math.ceil((opened.oldest.getTime() - since.getTime()) / 1000))
        const message = `You have asked for ${MOST_A_DAY} exports within a day. Download one of them, or come back later.`
        throw new AppError('RATE_LIMIT_EXCEEDED', { message, retryAfterSeconds })
      }
      return opened
    },
    find: (id: string, userId: string): Promise<DataExport | null> => exports.find(id, userId),
    /** Throws RES_NOT_FOUND where no archive of this person can be downloaded. */
    async createLink(id: string, userId: string): Promise<{ readonly url: string; readonly expiresAt: Date }> {
      const { token, fingerprint } = createSecretToken()
      const at = now()
      const expiresAt = new Date(at.getTime() + LINK_MS)
      if (await exports.link(id, userId, { fingerprint, at, expiresAt })) return { url: downloadUrl + token, expiresAt }
      throw new AppError('RES_NOT_FOUND', {
        message: 'There is no archive of yours to download under this id: it is not ready, or its time is over.',
      })
    },
    /** The ZIP, once. Throws RES_NOT_FOUND. */
    async download(token: string): Promise<Archive> {
      const taken = await exports.take(fingerprintOfToken(token), now())
      if (taken !== null) {
        const { id, bytes } = taken
        return { bytes, pieces: openPieces(cipher, { exportId: id, bytes }, (number) => exports.piece(id, number)) }
      }
      throw new AppError('RES_NOT_FOUND', {
        message: 'This link was used, or its time is over. Sign in and ask for a new one.',
      })
    },
  }
}

export type ExportData = ReturnType<typeof createExportData>
