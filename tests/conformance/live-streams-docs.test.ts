import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { validateMessage } from 'graphql-ws'
import { MAXIMUM_SILENT_BEATS } from '../../gateway/subscriptions/doors/http-stream.js'
import { HEARTBEAT_MS } from '../../gateway/subscriptions/doors/open-streams.js'
import { multipartFraming } from '../../gateway/subscriptions/doors/multipart-framing.js'
import { sseFraming } from '../../gateway/subscriptions/doors/sse-framing.js'
import type { StreamFraming } from '../../gateway/subscriptions/doors/stream-framing.js'
import { readMessage } from '../../gateway/subscriptions/doors/websocket-message.js'
import {
  BURST_FACTOR,
  CUT_OFF_FACTOR,
  MAX_ID_LENGTH,
  webSocketTimes,
} from '../../gateway/subscriptions/doors/websocket-limits.js'
import { webSocketClosures } from '../../gateway/subscriptions/doors/websocket-closures.js'
import { MAXIMUM_TRIES } from '../../gateway/subscriptions/live/event-answers.js'
import { MAXIMUM_OWN_READERS } from '../../gateway/subscriptions/live/own-reader.js'
import { errorCodes, isErrorCode } from '../../platform/errors/error-codes.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { liveStreamTables } from '../../scripts/docs/live-stream-tables.js'

const page = readFileSync(path.join(projectRoot, 'docs/live-streams.md'), 'utf8')
const examplesOf = (side: 'client' | 'server') =>
  [...page.matchAll(new RegExp(`\`\`\`json ${side}\\n([^\`]+)\`\`\``, 'g'))].map(([, text = '']) => text)

describe('the page of live streams', () => {
  it.each(liveStreamTables().map((table) => [table.split('\n')[0], table]))(
    'has the table %s as the code has it',
    (_head, table) => {
      expect(page).toContain(`\n${table}\n`)
    },
  )

  it('shows messages that a client may send and a server sends', () => {
    const [said, answered] = [examplesOf('client'), examplesOf('server')]
    expect([said.length, answered.length]).toEqual([4, 5])
    for (const text of said) expect(readMessage(text)).toBeDefined()
    for (const text of answered) expect(() => validateMessage(JSON.parse(text))).not.toThrow()
  })

  it('shows streams over HTTP as they are written', () => {
    const message = { head: Buffer.from('{"data":{"moved":{"state":"A"}},"extensions":{"cursor":"7.m.') }
    const streamOf = ({ framed, completion }: StreamFraming, opening = '') => {
      const { shared, ending } = framed(message)
      return `${opening}${shared}${ending('b"}}')}${completion}`.replaceAll('\r\n', '\n')
    }
    const shown = (kind: string) => new RegExp(`\`\`\`text ${kind}\\n([^\`]+)\`\`\``).exec(page)?.[1]
    expect(shown('sse')).toBe(streamOf(sseFraming))
    expect(shown('multipart')).toBe(streamOf(multipartFraming, multipartFraming.opening))
  })

  it('names only codes there are, and words them as they are', () => {
    const named = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code = '']) => code)
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((code) => !isErrorCode(code))).toEqual([])
    expect(page).toContain(errorCodes.AUTH_TOKEN_EXPIRED.message)
  })

  it('names numbers that the code goes by', () => {
    expect(webSocketClosures.outOfProtocol.when).toContain(`${MAX_ID_LENGTH} characters`)
    expect(webSocketClosures.initTimeout.when).toContain(`${webSocketTimes.initTimeoutMs / 1000} s`)
    expect(page).toContain(`The connection stays for ${webSocketTimes.tokenGraceMs / 1000} s`)
    expect(page).toContain(`says a comment every ${HEARTBEAT_MS / 1000} s`)
    expect(page).toContain(`whose client reads nothing, ${(HEARTBEAT_MS * MAXIMUM_SILENT_BEATS) / 1000} s`)
    expect([BURST_FACTOR, CUT_OFF_FACTOR]).toEqual([4, 16])
    expect(page).toMatch(new RegExp(`readers of the log for those who fell behind +\\| ${MAXIMUM_OWN_READERS} `))
    expect(page).toMatch(new RegExp(`tokens an event is asked for with, .* \\| ${MAXIMUM_TRIES} `))
  })
})
