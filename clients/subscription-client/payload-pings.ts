import { z } from 'zod'

interface TextSocket {
  readonly readyState: number
  send(text: string): void
}
const OPEN = 1

function isTextSocket(socket: unknown): socket is TextSocket {
  return typeof socket === 'object' && socket !== null && 'send' in socket && 'readyState' in socket
}

const refusedPong = z.object({ code: z.string() })

/** Pings that carry something, each answered by a pong that carries something, in order. graphql-ws's own are bare. */
export function createPayloadPings(answerWithinMs: number) {
  let socket: TextSocket | null = null
  let waiting: ((accepted: boolean) => void)[] = []
  const answerAll = (accepted: boolean) => {
    for (const answer of waiting.splice(0)) answer(accepted)
  }
  return {
    begin(opened: unknown) {
      socket = isTextSocket(opened) ? opened : null
    },
    /** False where it was refused, or nothing came back. */
    send(payload: Readonly<Record<string, unknown>>): Promise<boolean> {
      return new Promise((resolve) => {
        if (socket?.readyState !== OPEN) return resolve(false)
        const late = setTimeout(() => answer(false), answerWithinMs)
        const answer = (accepted: boolean) => {
          clearTimeout(late)
          waiting = waiting.filter((other) => other !== answer)
          resolve(accepted)
        }
        waiting.push(answer)
        socket.send(JSON.stringify({ type: 'ping', payload }))
      })
    },
    answered(payload: unknown) {
      if (payload === undefined || payload === null) return // to a bare ping
      waiting.shift()?.(!refusedPong.safeParse(payload).success)
    },
    stop() {
      socket = null
      answerAll(false)
    },
  }
}
