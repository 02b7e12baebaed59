/**
 * Many subscribers, each a client of its own with a socket of its own. In: the gateways' addresses. Out: what each of them
 * saw, and how that differs from every event once and in order.
 */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { parse } from 'graphql'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { createSubscriptionClient } from '../../clients/subscription-client/subscription-client.js'
import { MOVED } from './moving-things.js'
import { until } from './until.js'

export interface AudienceOptions {
  readonly urls: readonly [string, ...string[]]
  readonly size: number
  readonly topics: number
}

export interface Audience {
  /** Resolves when each has seen so many events, or has seen them wrongly, or has lost its stream. */
  saw(count: number, limitMs?: number): Promise<void>
  /** Of the subscribers that did not see 1, 2, 3, ... in order, what they saw, as text; and whose stream ended, why. */
  faults(): readonly string[]
  /** What is printed: subscribers, events seen by all of them together, answers with errors, connections made. */
  counts(): AudienceCounts
  close(): Promise<void>
}

export interface AudienceCounts {
  readonly subscribers: number
  readonly delivered: number
  readonly withErrors: number
  readonly connections: number
}

interface Subscriber {
  /** Events seen: the last one's number, as long as all is well. */
  seen: number
  fault: string | null
}

const moved = z.object({ moved: z.object({ number: z.number() }) })
const Moved: TypedDocumentNode<unknown, { topic: string }> = parse(MOVED)
const timing = { longestWaitMs: 1_000, answerWithinMs: 30_000 } // a slow machine is no fault of the network

export function openAudience({ urls, size, topics }: AudienceOptions): Audience {
  let [delivered, withErrors, connections] = [0, 0, 0]
  class CountedSocket extends WebSocket {
    constructor(url: string, protocol: string) {
      super(url, protocol)
      connections += 1
    }
  }
  const clients = Array.from({ length: size }, () =>
    createSubscriptionClient({ url: urls, webSocketImpl: CountedSocket, timing }),
  )
  const subscribers = clients.map((client, index): Subscriber => {
    const subscriber: Subscriber = { seen: 0, fault: null }
    const watch = async () => {
      for await (const { data, errors } of client.subscribe(Moved, { topic: `${index % topics}` })) {
        const { number } = moved.parse(data).moved
        delivered += 1
        withErrors += errors.length > 0 ? 1 : 0
        if (number === subscriber.seen + 1) subscriber.seen = number
        else subscriber.fault ??= `after ${subscriber.seen} came ${number}`
      }
      subscriber.fault ??= `ended after ${subscriber.seen}`
    }
    watch().catch((error: unknown) => (subscriber.fault ??= `ended after ${subscriber.seen}: ${String(error)}`))
    return subscriber
  })
  return {
    saw: (count, limitMs = 30_000) =>
      until(() => subscribers.every(({ seen, fault }) => seen >= count || fault !== null), limitMs),
    faults: () => subscribers.flatMap(({ fault }, index) => (fault === null ? [] : [`${index}: ${fault}`])),
    counts: () => ({ subscribers: size, delivered, withErrors, connections }),
    async close() {
      await Promise.all(clients.map((client) => client.close()))
    },
  }
}
