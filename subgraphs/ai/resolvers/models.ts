/** What this subgraph's resolvers pass on for an SDL type; `codegen.ts` reads the names. */
import type { AiRequest } from '../domain/ai-request.js'

export type AiRequestModel = AiRequest

/** A stub: the gateway joins the rest. */
export interface UserModel {
  readonly __typename: 'User'
  readonly id: string
}
