import type { ApolloServerPlugin } from '@apollo/server'
import type { Bus } from '../platform/bus/bus.js'
import type { AccessTokenVerifier } from '../platform/identity/access-token-verifier.js'
import type { TokenEnds } from '../platform/identity/open-token-ends.js'
import type { Logger } from '../platform/log/logger.js'
import type { EvaluatePolicies } from './authorization/authorize-operation.js'
import type { OperationContext } from './http/operation-context.js'
import type { OverrideSettings } from './plan/override-labels.js'
import type { SubgraphClientOptions } from './subgraph-client/subgraph-client.js'

/** What a gateway is given besides its configuration: what it shares with its process, and what customises it. */
export interface GatewayParts {
  /** Null where there is none: subscriptions to events are unavailable then, everything else works. */
  readonly bus: Bus | null
  readonly logger: Logger
  /** In place of one made from configuration; it refuses ended tokens itself. */
  readonly verifier?: AccessTokenVerifier
  /** What `verifier` goes by, so that streams end too; in place of what configuration names. */
  readonly tokenEnds?: TokenEnds
  /** Called before every request to a subgraph, with the headers it is to have; returns those it is sent with. */
  readonly willSendRequest?: SubgraphClientOptions['willSendRequest']
  /**
   * Which of the policies an operation names (`@policy`) hold for its caller. Called before planning, at most once an
   * operation. Throwing refuses the operation. Unless given, a token's own list is believed: see `policiesOfClaim`.
   */
  readonly evaluatePolicies?: EvaluatePolicies
  /**
   * Labels of progressive overrides (`@override`) that are on for a request, beside those of configuration and of its header;
   * `percent(n)` may be among them. Called before planning, where the supergraph has such labels. Throwing refuses the operation.
   */
  readonly overrideLabels?: OverrideSettings['overrideLabels']
  /**
   * Apollo Server plugins. With any, every request takes the way through Apollo Server, and none the shorter one; streams
   * (WebSockets, SSE, multipart) are not its to see.
   */
  readonly plugins?: readonly ApolloServerPlugin<OperationContext>[]
  /** How often the supergraph file is looked at; a second unless given. */
  readonly supergraphPollMs?: number
}
