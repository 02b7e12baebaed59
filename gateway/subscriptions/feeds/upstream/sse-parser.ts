import { AppError } from '../../../../platform/errors/app-error.js'

export interface SseEvent {
  /** `message` where the server gives no name. */
  readonly name: string
  readonly data: string
  readonly bytes: number
}

export interface SseParser {
  /** The events that are whole with this chunk. Throws SUBGRAPH_BAD_RESPONSE for one that grows too large. */
  push(chunk: Buffer): SseEvent[]
}

/** Reads a stream of events, https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation. */
export function createSseParser(maxEventBytes: number): SseParser {
  const decoder = new TextDecoder('utf-8') // drops a byte order mark, and keeps characters cut in two
  let rest = ''
  let name = ''
  let data: string[] = []
  let bytes = 0

  const take = (line: string, events: SseEvent[]): void => {
    if (line === '') {
      if (data.length > 0 || name !== '') events.push({ name: name || 'message', data: data.join('\n'), bytes })
      name = ''
      data = []
      bytes = 0
      return
    }
    bytes += line.length
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
  }

  return {
    push(chunk) {
      const events: SseEvent[] = []
      const text = rest + decoder.decode(chunk, { stream: true })
      // a carriage return at the very end may be half of a line's end
      const lines = text.split(text.endsWith('\r') ? /\r\n|\n|\r(?!$)/ : /\r\n|\n|\r/)
      rest = lines.pop() ?? ''
      for (const line of lines) take(line, events)
      if (bytes + rest.length <= maxEventBytes) return events
      throw new AppError('SUBGRAPH_BAD_RESPONSE', { cause: new Error('an event of the stream is too large') })
    },
  }
}
