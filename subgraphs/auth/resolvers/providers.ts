import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers, QueryResolvers } from '../generated/resolvers.js'
import { existing } from './administration-mutations.js'
import { finishProviderInput, startProviderInput } from './inputs.js'
import { byOf } from './second-factor-mutations.js'
import { resultOf } from './sign-in-outcome.js'

/** Identity providers, and one's own accounts with them. */
export const providerQueries = {
  signInProviders: (_parent, _args, { useCases }) =>
    useCases.providers.all.map(({ id, displayName }) => ({ id, displayName })),
  myLinkedProviders: async (_parent, _args, context) => [
    ...(await context.useCases.providers.links.list(requirePrincipal(context).userId)),
  ],
} satisfies QueryResolvers

/** What is done with identity providers. */
export const providerMutations = {
  startProviderSignIn(_parent, { input }, { useCases, device }) {
    const { provider, redirectUri, fresh } = parseInput(startProviderInput, input)
    return useCases.providers.passages.begin(provider, redirectUri, fresh, device, null)
  },
  finishProviderSignIn(_parent, { input }, { useCases, device }) {
    const { browserSecret, ...answer } = parseInput(finishProviderInput, input)
    return resultOf(useCases.providers.signIn(browserSecret, answer, device))
  },
  startProviderLink(_parent, { input }, context) {
    const { provider, redirectUri, fresh } = parseInput(startProviderInput, input)
    return context.useCases.providers.links.begin(byOf(context), provider, redirectUri, fresh)
  },
  linkProvider(_parent, { input }, context) {
    const { browserSecret, ...answer } = parseInput(finishProviderInput, input)
    return context.useCases.providers.links.finish(byOf(context), browserSecret, answer)
  },
  async unlinkProvider(_parent, { id }, context) {
    await context.useCases.providers.links.unlink(byOf(context), existing(id))
    return true
  },
} satisfies MutationResolvers
