import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { updateProfileInput } from './inputs.js'

export const mutation: MutationResolvers = {
  async updateProfile(_parent, { input }, context) {
    const { userId: id } = requirePrincipal(context)
    const profile = await context.profiles.change(id, parseInput(updateProfileInput, input))
    return { id, profile, isViewer: true }
  },
}
