import { webSocketClosures } from '../../gateway/subscriptions/doors/websocket-closures.js'
import { webSocketTimes } from '../../gateway/subscriptions/doors/websocket-limits.js'
import { streamLimits } from '../../gateway/subscriptions/subscription-settings.js'

const above: Readonly<Record<keyof ReturnType<typeof streamLimits.parse>, string>> = {
  maxSockets: 'the upgrade is answered 503 with `Retry-After`',
  maxSocketsPerAddress: 'the upgrade is answered 429 with `Retry-After`',
  maxOperationsPerSocket: 'the operation is refused with `RATE_LIMIT_EXCEEDED`',
  maxMessageBytes: 'closed with 1009',
  maxMessagesPerSecond: 'four times as many at once are allowed; then closed with 1008',
  maxStreams: 'answered 503',
  maxStreamsPerAddress: 'answered 429',
  maxBufferedBytes: 'streams are held back; with 16 times as much of other answers unread, cut off',
}

const after: Readonly<Record<keyof typeof webSocketTimes, string>> = {
  initTimeoutMs: 'A connection that is not acknowledged is closed with 4408',
  tokenGraceMs: 'A connection whose token ended and was not replaced is closed with 4403',
  pingIntervalMs: 'A silent connection is sent a ping, at the latest',
  deadAfterMs: 'A connection that is silent, or reads nothing, is cut off',
  closeGraceMs: 'A client that does not answer the closing handshake is cut off',
  tickMs: 'Every connection is looked at for all of these, and each token for its end',
}

/** The tables of docs/live-streams.md, from what the code goes by. */
export function liveStreamTables(): readonly string[] {
  const limits = Object.entries(streamLimits.parse({}))
  return [
    tableOf(
      ['Code', 'Reason', 'When'],
      Object.values(webSocketClosures).map(({ code, reason, when }) => [String(code), `\`${reason}\``, when]),
    ),
    tableOf(
      ['Limit', 'Default', 'Above it'],
      limits.map(([name, value]) => [`\`${name}\``, String(value), above[name as keyof typeof above]]),
    ),
    tableOf(
      ['What', 'After'],
      Object.entries(webSocketTimes).map(([name, ms]) => [after[name as keyof typeof after], `${ms / 1000} s`]),
    ),
  ]
}

/** As Prettier writes a table. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), title.length),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
