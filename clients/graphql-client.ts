/**
 * What a frontend uses to speak to the gateway. In: typed documents (clients/generated/documents.ts) and their variables.
 * Out: typed data, or an async iterable of it for subscriptions. It refuses to hide errors: an answer with `errors` throws.
 */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { createClient, type Client } from 'graphql-ws'
import { z } from 'zod'
import { GraphqlRequestError, errorsOf } from './graphql-request-error.js'

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
   * throws GraphqlRequestError when it refuses or an event carries errors, and leaving the loop unsubscribes.
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
  let sockets: Client | undefined
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
    async *subscribe<Data, Variables extends Record<string, unknown>>(
      document: TypedDocumentNode<Data, Variables>,
      variables: Variables,
    ) {
      sockets ??= createSocketClient(options)
      const results = sockets.iterate<Data>({ query: print(document), variables })
      try {
        for await (const result of results) yield dataOf<Data>(result)
      } catch (error) {
        // graphql-ws throws the server's refusal as the bare list of errors
        throw Array.isArray(error) ? new GraphqlRequestError(errorsOf({ errors: error })) : error
      }
    },
    async close() {
      await sockets?.dispose()
    },
  }
}

function createSocketClient(options: GraphqlClientOptions): Client {
  return createClient({
    url: options.url.replace(/^http/, 'ws'),
    webSocketImpl: options.webSocketImpl,
    lazy: true,
    retryAttempts: 5,
    connectionParams: () => {
      const token = options.accessToken?.() ?? null
      return token === null ? {} : { authorization: `Bearer ${token}` }
    },
  })
}

/** The data of an answer. The documents are typed from the same schema the gateway validates against, so its shape is settled. */
function dataOf<Data>(result: { data?: unknown; errors?: unknown }): Data {
  const errors = errorsOf(result)
  if (errors.length > 0 || result.data === undefined || result.data === null) throw new GraphqlRequestError(errors)
  return result.data as Data
}
