import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { generateWithAiInput } from './inputs.js'

export const mutation: MutationResolvers = {
  generateWithAi: (_parent, { input }, context) =>
    context.askAi(requirePrincipal(context).userId, parseInput(generateWithAiInput, input)),
}
