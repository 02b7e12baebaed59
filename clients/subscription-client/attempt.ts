import type { Client } from 'graphql-ws'
import { howItEnded, type Ending } from './how-it-ended.js'

export interface LiveStreamRequest {
  /** What the stream calls the place where it begins, to be told of its cursor. */
  readonly beginning: string
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** How an attempt ended: as the server or the connection had it, or because this side let go. */
export type AttemptEnd = Ending | { readonly kind: 'complete' } | { readonly kind: 'left' } | { readonly kind: 'full' }

export interface Attempt {
  readonly ended: Promise<AttemptEnd>
  leave(): void
}

/**
 * One operation on one connection. `cursor` is asked whenever the operation is sent: graphql-ws sends it again by itself
 * after a normal closure. `take` is given every answer; it says 'full' where no more fit, and throws for what is none.
 */
export function beginAttempt(
  client: Client,
  request: LiveStreamRequest,
  cursor: () => string | null,
  take: (answer: unknown) => 'more' | 'full',
): Attempt {
  let leave = () => {}
  const ended = new Promise<AttemptEnd>((resolve) => {
    let isOver = false
    const end = (how: AttemptEnd) => {
      isOver = true
      resolve(how)
    }
    const letGo = (how: AttemptEnd) => {
      if (isOver) return
      end(how)
      unsubscribe()
    }
    const { beginning, ...operation } = request
    const payload = {
      ...operation,
      get extensions() {
        const now = cursor()
        return now === null ? { beginning } : { cursor: now }
      },
    }
    const unsubscribe = client.subscribe(payload, {
      next(answer) {
        if (isOver) return
        try {
          if (take(answer) === 'full') letGo({ kind: 'full' })
        } catch (cause) {
          letGo({ kind: 'refused', error: new Error('The gateway sent something that is no answer.', { cause }) })
        }
      },
      error: (error) => end(howItEnded(error)),
      complete: () => end({ kind: 'complete' }),
    })
    leave = () => letGo({ kind: 'left' })
  })
  return { ended, leave }
}
