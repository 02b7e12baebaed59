import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { requireId } from './inputs.js'

type WebhookMutations = Pick<MutationResolvers, 'registerWebhook' | 'rotateWebhookSecret' | 'disableWebhook'>

export const webhookMutations: WebhookMutations = {
  registerWebhook: (_parent, { input }, context) =>
    context.useCases.webhooks.register(input.url, requirePrincipal(context).userId),
  rotateWebhookSecret: (_parent, { id }, context) =>
    context.useCases.webhooks.rotate(requireId(id), requirePrincipal(context).userId),
  disableWebhook: (_parent, { id }, context) =>
    context.useCases.webhooks.disable(requireId(id), requirePrincipal(context).userId),
}
