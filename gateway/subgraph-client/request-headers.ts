/**
 * The headers of requests, in the form they are sent in: written once, however many requests carry them. Refuses (throws) what
 * could end a header or a request before its time, and what is for the connection to say.
 */
export class RequestHeaders {
  /** Names and values in turn. */
  readonly list: readonly string[]
  #text: string | null = null

  constructor(list: readonly string[]) {
    this.list = list
  }

  /** Lines, each with its end. */
  get text(): string {
    this.#text ??= linesOf(this.list)
    return this.#text
  }
}

/**
 * A POST as it is sent: a string of which every character is a byte. `start` is the request line with the host, see
 * requestStart.
 */
export function requestText(start: string, headers: RequestHeaders, body: string): string {
  const length = Buffer.byteLength(body)
  const bytes = length === body.length ? body : Buffer.from(body, 'utf8').toString('latin1', 0, length)
  return `${start}${headers.text}content-length: ${length}\r\n\r\n${bytes}`
}

export function requestStart({ pathname, search, host }: URL): string {
  return `POST ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n`
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
const FRAMING = new Set(
  'connection content-length expect host keep-alive te trailer transfer-encoding upgrade'.split(' '),
)

function linesOf(list: readonly string[]): string {
  let text = ''
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? ''
    const value = list[index + 1] ?? ''
    if (!VALUE.test(value)) throw new Error(`The value of the header ${JSON.stringify(name)} can't be sent.`)
    text += `${startOf(name)}${value}\r\n`
  }
  return text
}

const starts = new Map<string, string>()
const MAXIMUM_NAMES = 1_000 // what embedding programs make up must not fill the memory

/** The name is looked at once: programs use a handful. */
function startOf(name: string): string {
  const known = starts.get(name)
  if (known !== undefined) return known
  if (!NAME.test(name)) throw new Error(`The header ${JSON.stringify(name)} can't be sent.`)
  if (FRAMING.has(name.toLowerCase())) throw new Error(`The header ${name} is not for a request to choose.`)
  const start = `${name}: `
  if (starts.size < MAXIMUM_NAMES) starts.set(name, start)
  return start
}
