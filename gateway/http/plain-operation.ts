/** The parsed body of a POST, when it is what nearly all are: query, variables, operation name, and nothing else of weight. */
export interface PlainOperation {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | undefined
}

/** Null for a body that asks for more (persisted queries) or is not of the form: the long way knows what to do with it. */
export function readPlainOperation(body: object): PlainOperation | null {
  if (Array.isArray(body) || !('query' in body) || typeof body.query !== 'string' || body.query === '') return null
  if ('extensions' in body && body.extensions !== null && body.extensions !== undefined) return null
  const operationName = 'operationName' in body ? (body.operationName ?? undefined) : undefined
  if (operationName !== undefined && (typeof operationName !== 'string' || operationName === '')) return null
  const variables = 'variables' in body ? (body.variables ?? {}) : {}
  if (!isRecord(variables)) return null
  return { query: body.query, variables, operationName }
}

/** The bytes of a JSON body, parsed; null for what is no object or list, and no JSON at all. */
export function parseJsonBody(bytes: Buffer): object | null {
  try {
    const text = bytes.toString('utf8')
    const parsed: unknown = JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text)
    return typeof parsed === 'object' ? parsed : null
  } catch {
    return null
  }
}

const BYTE_ORDER_MARK = 0xfeff

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
