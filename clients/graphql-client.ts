/**
 * What a frontend uses to speak to the gateway. In: typed documents (clients/generated/documents.ts) and their variables.
 * Out: typed data, or an async iterable of it for subscriptions. It refuses to hide errors: an answer with `errors` throws.
 */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { z } from 'zod'
import { GraphqlRequestError, errorsOf } from './graphql-request-error.js'
import type { LiveResult } from './subscription-client/live-result.js'
import { createSubscriptionClient, type SubscriptionClient } from './subscription-client/subscription-client.js'

export interface GraphqlClientOptions {
  /** The gateway's HTTP address, e.g. `http://localhost:8080/graphql`; sockets go to the same place. */
  readonly url: string
  /** Asked before every request and every socket; null sends none. */
  readonly accessToken?: () => string | null
  /** A WebSocket class where the platform has none (Node before 22): the `ws` package's. */
  readonly webSocketImpl?: unknown
}

export interface GraphqlClient {
  /** Runs a query or mutation. Throws GraphqlRequestError when the answer carries errors, TypeError when there is no answer. */
  request<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): Promise<Data>
  /**
   * Opens a subscription; the socket is shared and opens with the first. The iterable ends when the server completes,
   * throws GraphqlRequestError when it refuses or an event carries errors, and leaving the loop unsubscribes. It goes on over
   * a cut where it can and throws StreamLostError where not: subscription-client.ts says when, and takes options.
   */
  subscribe<Data, Variables extends Record<string, unknown>>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ): AsyncIterableIterator<Data>
  /** Closes the socket. */
  close(): Promise<void>
}

const answer = z.object({ data: z.unknown().optional(), errors: z.unknown().optional() })

/** A client of one gateway. Opens nothing until it is used. */
export function createGraphqlClient(options: GraphqlClientOptions): GraphqlClient {
  let streams: SubscriptionClient | undefined
  return {
    async request<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
      const token = options.accessToken?.() ?? null
      const response = await fetch(options.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json, application/json',
          ...(token !== null && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ query: print(document), variables }),
      })
      return dataOf<Data>(answer.parse(await response.json()))
    },
    subscribe<Data, Variables extends Record<string, unknown>>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
    ) {
      streams ??= createSubscriptionClient(options)
      return dataOnly(streams.subscribe(document, variables))
    },
    async close() {
      await streams?.close()
    },
  }
}

/** The data of each answer; one with errors ends the stream. */
function dataOnly<Data>(results: AsyncIterableIterator<LiveResult<Data>>): AsyncIterableIterator<Data> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const result = await results.next()
      if (result.done) return { done: true, value: undefined }
      try {
        return { done: false, value: dataOf<Data>(result.value) }
      } catch (error) {
        await results.return?.()
        throw error
      }
    },
    async return() {
      await results.return?.()
      return { done: true, value: undefined }
    },
  }
}

/** The data of an answer. The documents are typed from the same schema the gateway validates against, so its shape is settled. */
function dataOf<Data>(result: { data?: unknown; errors?: unknown }): Data {
  const errors = errorsOf(result)
  if (errors.length > 0 || result.data === undefined || result.data === null) throw new GraphqlRequestError(errors)
  return result.data as Data
}
