import { AppError } from '../../../platform/errors/app-error.js'
import type { Principal } from '../../../platform/identity/principal.js'
import { fillTemplate } from '../../event-streams/placeholders.js'

/** What templates are filled with. */
export interface TemplateValues {
  /** The field's arguments, coerced. */
  readonly args: Readonly<Record<string, unknown>>
  /** Whose claims are meant; null where nobody is signed in. */
  readonly principal: Principal | null
}

/**
 * What may stand for a placeholder. A list of what is allowed, not of what is forbidden: dots, `*`, `>`, `$`, whitespace,
 * control and non-ASCII characters are all outside it, so no value can reach more than the one token it stands in. 128
 * characters hold every id in use, base64 of 64 bytes included.
 */
const PLAIN_TOKEN = /^[\w:=@+/~-]{1,128}$/

/**
 * The subject of a stream. Throws VAL_INVALID_FORMAT naming the argument whose value is not plainly one token, and
 * AUTH_TOKEN_INVALID where the template asks for a claim that the caller's token does not carry.
 */
export function evaluateSubject(template: string, values: TemplateValues): string {
  return fillTemplate(template, ({ from, name }) =>
    from === 'args' ? argumentToken(name, values.args) : claimToken(name, values.principal),
  )
}

function argumentToken(name: string, args: Readonly<Record<string, unknown>>): string {
  const token = tokenOf(Object.hasOwn(args, name) ? args[name] : undefined)
  if (token !== null) return token
  throw new AppError('VAL_INVALID_FORMAT', {
    details: [{ field: name, reason: 'must be 1 to 128 letters, digits or any of _ : = @ + / ~ -' }],
  })
}

function claimToken(name: string, principal: Principal | null): string {
  const token = tokenOf(claimOf(name, principal))
  if (token !== null) return token
  throw new AppError('VAL_INVALID_FORMAT', {
    details: [{ field: `claims.${name}`, reason: "can't be part of a subject" }],
  })
}

/** Throws AUTH_TOKEN_INVALID for a claim that the caller's token does not carry. */
export function claimOf(name: string, principal: Principal | null): unknown {
  const claims = principal?.claims ?? {}
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined
  if (claim === undefined || claim === null) throw new AppError('AUTH_TOKEN_INVALID')
  return claim
}

function tokenOf(value: unknown): string | null {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  return typeof text === 'string' && PLAIN_TOKEN.test(text) ? text : null
}
