import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers } from '../generated/resolvers.js'

const NOTHING = '00000000-0000-0000-0000-000000000000'

/** What people do about what is kept of them. */
export const privacyMutations = {
  eraseMyAccount(_parent, _args, context) {
    const { userId, roles } = requirePrincipal(context)
    return context.privacy.eraseAccount.begin(userId, roles)
  },
  cancelMyErasure: (_parent, _args, context) => context.privacy.eraseAccount.cancel(requirePrincipal(context).userId),
  requestDataExport: (_parent, _args, context) => context.privacy.exportData.request(requirePrincipal(context).userId),
  createDataExportLink(_parent, { id }, context) {
    return context.privacy.exportData.createLink(isEntityId(id) ? id : NOTHING, requirePrincipal(context).userId)
  },
  giveConsent(_parent, { kind, version }, context) {
    return context.privacy.consents.give(requirePrincipal(context).userId, kind, version)
  },
  withdrawConsent(_parent, { kind }, context) {
    return context.privacy.consents.withdraw(requirePrincipal(context).userId, kind)
  },
} satisfies MutationResolvers
