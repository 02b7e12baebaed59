import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import { describePhoneNumber } from '../../../platform/phone/phone-number.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { contactQueries } from './contact-queries.js'
import { directoryQueries } from './directory-queries.js'
import { privacyQueries } from './privacy-queries.js'

export const query: QueryResolvers = {
  ...privacyQueries,
  me: (_parent, _args, { people }) => people.viewer(),
  user: (_parent, { id }, { people }) => people.find(id),
  myPrivacySettings: async (_parent, _args, { people }) => (await people.viewer())?.privacy ?? null,
  myPreferences: (_parent, _args, context) => context.preferences.find(requirePrincipal(context).userId),
  lookupPhone: (_parent, { phone }) => describePhoneNumber(phone),
  ...contactQueries,
  ...directoryQueries,
}
