/** A client of answers in parts. In: a query. Out: the parts, as they arrive over HTTP. */
import { z } from 'zod'
import type { AskOptions } from './test-gateway.js'

export const deferAccept = {
  '20220824': 'multipart/mixed;deferSpec=20220824, application/json',
  'v0.2': 'multipart/mixed;incrementalSpec=v0.2, application/json',
}

const partSchema = z.looseObject({ hasNext: z.boolean() })
export type AnswerPart = z.output<typeof partSchema>

export interface MultipartAnswer {
  readonly status: number
  readonly contentType: string
  /** Ends with the closing boundary; throws when the answer ends without one. */
  readonly parts: AsyncGenerator<AnswerPart, void, void>
}

export async function askInParts(
  url: string,
  query: string,
  options: AskOptions & { readonly accept?: string } = {},
): Promise<MultipartAnswer> {
  const { variables, operationName, headers, signal, accept = deferAccept['20220824'] } = options
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...headers },
    body: JSON.stringify({ query, variables, operationName }),
    ...(signal && { signal }),
  })
  const contentType = response.headers.get('content-type') ?? ''
  return { status: response.status, contentType, parts: readParts(response, contentType) }
}

/** https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1 */
async function* readParts(response: Response, contentType: string): AsyncGenerator<AnswerPart, void, void> {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (boundary === undefined || response.body === null) throw new Error(`Not in parts: ${contentType}`)
  const delimiter = `\r\n--${boundary}`
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf(delimiter, 1); end >= 0; end = text.indexOf(delimiter, 1)) {
      // what stands before the first delimiter is no part
      const part = text.slice(0, end).split('\r\n\r\n')[1]
      text = text.slice(end)
      if (part !== undefined) yield partSchema.parse(JSON.parse(part))
      if (text.startsWith(`${delimiter}--`)) return
      if (text.length === delimiter.length) break
    }
  }
  throw new Error(`The answer ended without its closing boundary: ${text}`)
}

/** The answer a client holds in the end: parts of the form `20220824` merged as they came. */
export function mergeParts(parts: readonly AnswerPart[]): unknown {
  const [first = {}, ...later] = parts
  const whole: Record<string, unknown> = { data: structuredClone(Reflect.get(first, 'data')) }
  for (const part of later) {
    for (const { data, path } of patchesSchema.parse(part).incremental) {
      let target: unknown = whole['data']
      for (const key of path) target = Reflect.get(Object(target), key)
      if (data !== null) mergeDeep(Object(target), data)
    }
  }
  return whole['data']
}

const patchesSchema = z.looseObject({
  incremental: z.array(
    z.looseObject({
      data: z.record(z.string(), z.unknown()).nullable(),
      path: z.array(z.union([z.string(), z.number()])),
    }),
  ),
})

function mergeDeep(target: object, source: object): void {
  for (const [key, value] of Object.entries(source)) {
    const known: unknown = Reflect.get(target, key)
    if (typeof known === 'object' && known !== null && typeof value === 'object' && value !== null) {
      mergeDeep(known, value)
    } else {
      Reflect.set(target, key, value)
    }
  }
}
