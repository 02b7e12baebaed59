/** Where a subgraph is. */
export interface SubgraphEndpoint {
  readonly name: string
  /** As the supergraph says, or as configuration overrides it: `http:`, `https:` or `nats:`. */
  readonly url: URL
}
