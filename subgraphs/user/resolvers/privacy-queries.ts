import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { QueryResolvers } from '../generated/resolvers.js'

/** What people are told of what is kept of them. */
export const privacyQueries = {
  erasure: (_parent, { id, receipt }, { privacy }) => (isEntityId(id) ? privacy.eraseAccount.find(id, receipt) : null),
  dataExport: (_parent, { id }, context) =>
    isEntityId(id) ? context.privacy.exportData.find(id, requirePrincipal(context).userId) : null,
  consents: (_parent, _args, context) => context.privacy.consents.list(requirePrincipal(context).userId),
} satisfies QueryResolvers
