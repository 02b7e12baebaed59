import type { RequestHandler } from 'express'

const YEAR_SECONDS = 31_536_000

/**
 * On every answer. Answers are JSON, for which nothing needs to be allowed; pages that do more (explorers, in
 * development) set a Content-Security-Policy of their own in place of this one.
 */
export const securityHeaders: RequestHandler = (_req, res, next) => {
  res.setHeader('x-content-type-options', 'nosniff')
  res.setHeader('x-frame-options', 'DENY')
  res.setHeader('x-xss-protection', '0') // the filter is retired, and was a hole of its own
  res.setHeader('strict-transport-security', `max-age=${YEAR_SECONDS}; includeSubDomains`)
  res.setHeader(
    'content-security-policy',
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  res.setHeader('referrer-policy', 'no-referrer')
  next()
}
