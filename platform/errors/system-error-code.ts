/**
 * The code of an error of the operating system, a socket or the database (`ENOENT`, `ECONNREFUSED`, an SQLSTATE). It looks
 * at the shape and not at the class: such errors are made outside of the realm a test runner evaluates code in.
 */
export function systemErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
