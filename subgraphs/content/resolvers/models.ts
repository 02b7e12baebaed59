/** What this subgraph's resolvers pass on for an SDL type; `codegen.ts` reads the names. */
import type { Content } from '../domain/content.js'

export type ContentModel = Content

/** A stub: the gateway joins the rest. */
export interface UserModel {
  readonly __typename: 'User'
  readonly id: string
}
