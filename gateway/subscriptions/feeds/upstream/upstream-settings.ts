import { z } from 'zod'

/** How subgraphs that serve subscriptions themselves are reached. */
export interface UpstreamSettings {
  /** By the name of a subgraph; without an entry WebSocket, at the address of its queries. */
  readonly subscriptions: ReadonlyMap<string, SubgraphSubscriptions>
  /** Headers of a request that subgraphs are sent too, in small letters. */
  readonly forwardHeaders: readonly string[]
  /** How long a subgraph has to accept a subscription. */
  readonly timeoutMs: number
  /** In place of it, by the name of a subgraph. */
  readonly timeouts?: ReadonlyMap<string, number>
  readonly maxResponseBytes: number
  /** As for every other request to a subgraph. */
  readonly willSendRequest?: (service: string, headers: readonly string[]) => readonly string[]
}

/** Where and how one subgraph serves subscriptions. */
export interface SubgraphSubscriptions {
  readonly protocol: 'ws' | 'sse'
  /** Null: the address of its queries. */
  readonly url: URL | null
}

const address = z
  .string()
  .regex(/^(ws|http)s?:\/\/\S+$/, 'must begin with ws://, wss://, http:// or https://')
  .refine((text) => URL.canParse(text), 'must be an address')

/** The part of the configuration file about one subgraph. */
export const subgraphSubscriptions = z
  .strictObject({
    protocol: z
      .enum(['ws', 'sse'])
      .default('ws')
      .describe('graphql-transport-ws, or Server-Sent Events in distinct connections mode.'),
    url: address
      .optional()
      .describe('Where; the address of its queries unless given, as ws: or http: by the protocol.'),
  })
  .transform(({ protocol, url }): SubgraphSubscriptions => ({ protocol, url: url === undefined ? null : new URL(url) }))

/** The address of a subgraph's subscriptions, in the scheme of their protocol. */
export function subscriptionUrl({ protocol, url }: SubgraphSubscriptions, queries: URL): URL {
  const found = new URL(url ?? queries)
  const isSecure = found.protocol === 'https:' || found.protocol === 'wss:'
  const [plain, secure] = protocol === 'ws' ? ['ws:', 'wss:'] : ['http:', 'https:']
  return new URL(`${isSecure ? secure : plain}${found.href.slice(found.protocol.length)}`)
}
