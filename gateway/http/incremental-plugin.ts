import type { ApolloServerPlugin, GraphQLRequestContextWillSendResponse, GraphQLResponse } from '@apollo/server'
import { releaseOnReturn } from '../incremental/release-on-return.js'
import type { LaterHooks } from './later-hooks.js'
import type { OperationContext } from './operation-context.js'

/**
 * Answers in parts where the executor has begun one: Apollo Server takes executors to have single results only, so the first
 * part goes through it as one, past every hook of its plugins, and has the others joined to it at the end. To be the first of
 * the plugins, so that the others see in `willSendResponse` what is sent.
 */
export function incrementalPlugin(hooks: Pick<LaterHooks, 'announce'>): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async () => ({
      async willSendResponse(context) {
        const { response } = context
        if (response.body.kind === 'single') response.body = bodyInParts(context, hooks) ?? response.body
      },
    }),
  }
}

function bodyInParts(
  context: GraphQLRequestContextWillSendResponse<OperationContext>,
  hooks: Pick<LaterHooks, 'announce'>,
): GraphQLResponse['body'] | null {
  const { inParts } = context.contextValue
  const body = context.response.body
  if (inParts === null || body.kind !== 'single') return null
  const { errors, extensions } = body.singleResult // as formatted, and as plugins may have left them
  const first = { ...(errors && { errors }), ...(extensions && { extensions }) }
  if (inParts.spec === '20220824') {
    const later = announced(inParts.subsequentResults, (part) => hooks.announce(context, part))
    return { kind: 'incremental', initialResult: { ...inParts.initialResult, ...first }, subsequentResults: later }
  }
  const later = announced(inParts.subsequentResults, (part) => hooks.announce(context, part))
  return { kind: 'incremental', initialResult: { ...inParts.initialResult, ...first }, subsequentResults: later }
}

/** Returning it returns the source, also while that is waited for. */
function announced<Part>(
  source: AsyncGenerator<Part, void, void>,
  announce: (part: Part) => Promise<void>,
): AsyncGenerator<Part, void, void> {
  async function* parts(): AsyncGenerator<Part, void, void> {
    for await (const part of source) {
      await announce(part)
      yield part
    }
  }
  return releaseOnReturn(parts(), async () => void (await source.return()))
}
