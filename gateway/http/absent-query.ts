import type { RequestHandler } from 'express'

/**
 * An empty query is none: with the hash of a persisted one some clients send it so. Apollo Server would compare the hash with
 * the empty text's.
 */
export const absentQuery: RequestHandler = (req, _res, next) => {
  if (req.method === 'GET') req.url = req.url.replace(/([?&])query=(?=&|$)/, '$1')
  const body: unknown = req.body
  if (typeof body === 'object' && body !== null && 'query' in body && body.query === '') {
    const { query: _empty, ...others } = body
    req.body = others
  }
  next()
}
