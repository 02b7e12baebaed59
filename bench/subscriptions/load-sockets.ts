import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { openStream, type Way } from './open-stream.js'

export interface LoadFigures {
  readonly delivered: number
  /** Events a socket did not get between two it got, and events it got again. */
  readonly missed: number
  readonly twice: number
  readonly lost: number
  /** Sockets that have had an event. */
  readonly live: number
}

export interface LoadSockets {
  figures(): LoadFigures
  /** From now on notes how long each delivery took, in milliseconds; gives what was noted before. */
  sample(on: boolean): number[]
  close(): void
}

const NUMBER = Buffer.from('"number":')
const SENT_AT = Buffer.from('"sentAt":')

export interface LoadOrder {
  readonly port: number
  readonly way: Way
  /** The number of the first. */
  readonly from: number
  readonly count: number
}

/** Opens so many sockets, each following one of the topics in turn. */
export async function openLoadSockets(
  { port, way, from, count }: LoadOrder,
  onDelivered: (total: number) => void,
): Promise<LoadSockets> {
  const last = new Int32Array(count).fill(-1)
  const sockets: Socket[] = []
  let [delivered, missed, twice, lost, live] = [0, 0, 0, 0, 0]
  let samples: number[] | null = null
  let isClosing = false

  const onEvent = (index: number, buffer: Buffer, start: number) => {
    const number = digitsAt(buffer, buffer.indexOf(NUMBER, start) + NUMBER.length)
    const before = last[index] ?? -1
    if (before < 0) live += 1
    else if (number > before + 1) missed += number - before - 1
    else if (number <= before) twice += 1
    last[index] = number
    delivered += 1
    onDelivered(delivered)
    if (samples === null) return
    const sentAt = digitsAt(buffer, buffer.indexOf(SENT_AT, start) + SENT_AT.length)
    samples.push((nowMicros() - sentAt) / 1_000)
  }
  const open = async (index: number) => {
    const socket = await openStream[way](await connected(port, from + index), from + index, (buffer, start) =>
      onEvent(index, buffer, start),
    )
    sockets.push(socket)
    const lose = () => void (lost += isClosing ? 0 : 1)
    socket.on('error', () => socket.destroy())
    socket.once('close', lose)
  }
  for (let next = 0; next < count; next += OPENED_AT_ONCE) {
    const batch = Array.from({ length: Math.min(OPENED_AT_ONCE, count - next) }, (_, offset) => open(next + offset))
    await Promise.all(batch)
  }
  return {
    figures: () => ({ delivered, missed, twice, lost, live }),
    sample(on) {
      const noted = samples ?? []
      samples = on ? [] : null
      return noted
    },
    close() {
      isClosing = true
      for (const socket of sockets) socket.destroy()
    },
  }
}

const OPENED_AT_ONCE = 50 // below the backlog of any listener
const ADDRESSES = 16 // of loopback, so that ports never run out

/** Microseconds of the monotonic clock, which all processes of a machine share. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

function digitsAt(buffer: Buffer, start: number): number {
  let value = 0
  for (let at = start; ; at += 1) {
    const digit = (buffer[at] ?? 0) - 48
    if (digit < 0 || digit > 9) return value
    value = value * 10 + digit
  }
}

async function connected(port: number, number: number): Promise<Socket> {
  const localAddress = `127.0.0.${2 + (number % ADDRESSES)}`
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
  await once(socket, 'connect')
  return socket
}
