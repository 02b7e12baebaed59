import type { Express } from 'express'
import { AppError } from '../../platform/errors/app-error.js'
import type { ExportData } from './domain/export-data.js'

/** Answers the links of `createDataExportLink`, each once, at `/exports/<token>`. Only a GET uses a link up. */
export function serveExports(app: Express, exportData: ExportData): void {
  app.all('/exports/:token', (request, response, next) => {
    response.setHeader('cache-control', 'no-store')
    if (request.method !== 'GET')
      return next(new AppError('REQUEST_METHOD_NOT_ALLOWED', { message: 'A download is a GET.' }))
    exportData.download(request.params.token).then(
      (archive) => {
        response.setHeader('content-type', 'application/zip')
        response.setHeader('content-disposition', 'attachment; filename="personal-data.zip"')
        response.setHeader('x-content-type-options', 'nosniff')
        response.setHeader('referrer-policy', 'no-referrer')
        response.end(archive)
      },
      (error: unknown) => next(error),
    )
  })
}
