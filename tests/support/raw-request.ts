/** A GraphQL request as anything at all may send it, and what came back: for tests of bad input. */
export interface RawAnswer {
  readonly status: number
  readonly contentType: string | null
  readonly body: {
    readonly data?: Record<string, unknown> | null
    readonly errors?: readonly {
      readonly message: string
      readonly path?: readonly (string | number)[]
      readonly extensions?: {
        readonly code?: string
        readonly details?: readonly { readonly field: string; readonly reason: string }[]
        readonly traceId?: string
        readonly timestamp?: string
        readonly service?: string
      }
    }[]
  }
}

/** Posts a body as it stands. */
export async function postRaw(url: string, body: string, token?: string): Promise<RawAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body,
  })
  const text = await response.text()
  return { status: response.status, contentType: response.headers.get('content-type'), body: JSON.parse(text) }
}

/** Posts an operation. */
export function post(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  token?: string,
): Promise<RawAnswer> {
  return postRaw(url, JSON.stringify({ query, variables }), token)
}

/** The codes of an answer's errors. */
export function codesOf(answer: RawAnswer): (string | undefined)[] {
  return (answer.body.errors ?? []).map((error) => error.extensions?.code)
}
