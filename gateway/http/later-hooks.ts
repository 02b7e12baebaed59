import type {
  ApolloServerPlugin,
  GraphQLRequestContext,
  GraphQLRequestContextWillSendResponse,
  GraphQLRequestListener,
} from '@apollo/server'
import type { GraphQLError } from 'graphql'
import type { NumberedResult, PathedResult } from '../incremental/incremental-result.js'
import type { OperationContext } from './operation-context.js'

type RequestContext = GraphQLRequestContext<OperationContext>
type Listener = GraphQLRequestListener<OperationContext>

/** What of Apollo's plugin interface is about the parts after the first, for an answer whose parts Apollo Server does not make. */
export interface LaterHooks {
  /** The plugin as Apollo Server is to be given it. */
  observed(plugin: ApolloServerPlugin<OperationContext>): ApolloServerPlugin<OperationContext>
  /** Calls the plugins' hooks for one part, and resolves when they are through with it. */
  announce(
    context: GraphQLRequestContextWillSendResponse<OperationContext>,
    part: PathedResult | NumberedResult,
  ): Promise<void>
}

export function createLaterHooks(): LaterHooks {
  const listeners = new WeakMap<object, Listener[]>()
  return {
    observed: (plugin) =>
      // a plugin may be of a class, with hooks and fields that only it has
      new Proxy(plugin, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name)
          if (name !== 'requestDidStart') return typeof value === 'function' ? value.bind(target) : value
          return async (context: RequestContext) => {
            const listener = await target.requestDidStart?.(context)
            if (listener) listeners.set(context, [...(listeners.get(context) ?? []), listener])
            return listener
          }
        },
      }),
    async announce(context, part) {
      const all = listeners.get(context) ?? []
      for (const errors of errorsOf(part)) {
        await Promise.all(all.map((listener) => listener.didEncounterSubsequentErrors?.(context, errors)))
      }
      await Promise.all(all.map((listener) => listener.willSendSubsequentPayload?.(context, part)))
    },
  }
}

function errorsOf(part: PathedResult | NumberedResult): (readonly GraphQLError[])[] {
  const told = [...(part.incremental ?? []), ...('completed' in part ? part.completed : [])]
  return told.flatMap(({ errors }) => (errors === undefined ? [] : [errors]))
}
