import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Express, Response } from 'express'
import { AppError } from '../../platform/errors/app-error.js'
import type { Logger } from '../../platform/log/logger.js'
import type { Archive, ExportData } from './domain/export-data.js'

const IDLE_MS = 60_000 // of a reader who takes nothing: the next piece is read from the database only when one is taken

/** Answers the links of `createDataExportLink`, each once, at `/exports/<token>`. Only a GET uses a link up. */
export function serveExports(app: Express, exportData: ExportData, logger: Logger): void {
  app.all('/exports/:token', (request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    if (request.method !== 'GET')
      return next(new AppError('REQUEST_METHOD_NOT_ALLOWED', { message: 'A download is a GET.' }))
    exportData
      .download(request.params.token)
      .then((archive) => send(archive, response, logger))
      .catch((error: unknown) => next(error))
  })
}

/** Throws before the first byte; afterwards what goes wrong breaks the answer off, which its length tells. */
async function send({ bytes, pieces }: Archive, response: Response, logger: Logger): Promise<void> {
  const first = await pieces.next()
  response.setTimeout(IDLE_MS)
  response.setHeader('content-type', 'application/zip')
  response.setHeader('content-length', bytes)
  response.setHeader('content-disposition', 'attachment; filename="personal-data.zip"')
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'no-referrer')
  async function* all(): AsyncGenerator<Uint8Array> {
    if (first.done !== true) yield first.value
    yield* pieces
  }
  await pipeline(Readable.from(all(), { highWaterMark: 1 }), response).catch((error: unknown) => {
    logger.warn({ err: error }, 'a download broke off')
  })
}
