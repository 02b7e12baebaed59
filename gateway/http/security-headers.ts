import type { RequestHandler } from 'express'

const YEAR_SECONDS = 31_536_000

/**
 * On every answer. Answers are JSON, for which nothing needs to be allowed; pages that do more (explorers, in
 * development) set a Content-Security-Policy of their own in place of this one.
 */
export const securityHeaderList: readonly (readonly [name: string, value: string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['x-xss-protection', '0'], // the filter is retired, and was a hole of its own
  ['strict-transport-security', `max-age=${YEAR_SECONDS}; includeSubDomains`],
  ['content-security-policy', "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
]

export const securityHeaders: RequestHandler = (_req, res, next) => {
  for (const [name, value] of securityHeaderList) res.setHeader(name, value)
  next()
}
