import { randomBytes } from 'node:crypto'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import { StartupError } from '../../platform/errors/startup-error.js'
import type { Logger } from '../../platform/log/logger.js'
import { readEventStreamRules } from '../event-streams/event-stream-rule.js'

export interface CursorKeyOptions {
  /** Null: none. */
  readonly configured: readonly Uint8Array[] | null
  readonly production: boolean
  readonly generation: { readonly apiSchema: GraphQLSchema; readonly supergraphDocument: DocumentNode }
  readonly logger: Logger
}

const KEY_BYTES = 32

/**
 * The keys cursors are signed with, at least one. Without configured ones each process has a key of its own: cursors then
 * end with it, and no other replica takes them. Throws StartupError where that would lose events unnoticed.
 */
export function chooseCursorKeys({
  configured,
  production,
  generation,
  logger,
}: CursorKeyOptions): readonly Uint8Array[] {
  if (configured !== null) return configured
  if (hasEventStreams(generation)) {
    if (production) {
      throw new StartupError(
        'The supergraph has event streams, and GATEWAY_CURSOR_KEYS is not set: clients could not resume after a restart. Make a key with `openssl rand -base64 32` and give it to every replica.',
      )
    }
    logger.warn('cursors of subscriptions end with this process: set GATEWAY_CURSOR_KEYS')
  }
  return [randomBytes(KEY_BYTES)]
}

function hasEventStreams({ apiSchema, supergraphDocument }: CursorKeyOptions['generation']): boolean {
  const rules = readEventStreamRules(supergraphDocument)
  const fields = Object.keys(apiSchema.getSubscriptionType()?.getFields() ?? {})
  return fields.some((field) => rules.ruleOf(field) !== null)
}
