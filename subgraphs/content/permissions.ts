import { allow, or, rule } from 'graphql-shield'
import { createPermissions, hasPermission } from '../../platform/graphql/permission-rules.js'
import type { ContentContext } from './context.js'

const isGuest = rule('isGuest', { cache: 'contextual' })(
  (_parent: unknown, _args: unknown, context: ContentContext) => context.principal === null,
)

/** Guests have content:read without a token; a token says for itself. What of it one may see, the library decides. */
const mayRead = or(hasPermission('content:read'), isGuest)

/** Whose content it is, the editor decides: an author needs content:write, anybody else content:publish. */
const mayPublish = or(hasPermission('content:write'), hasPermission('content:publish'))

/** Who may call what. Fields of a piece are open: a piece is reached only through a door that has judged. */
export const contentPermissions = createPermissions({
  Query: { content: mayRead, contents: mayRead },
  Mutation: {
    createContent: hasPermission('content:write'),
    updateContent: hasPermission('content:write'),
    publishContent: mayPublish,
    unpublishContent: mayPublish,
    deleteContent: hasPermission('content:delete'),
  },
  Content: { '*': allow },
  ContentConnection: { '*': allow },
  ContentEdge: { '*': allow },
  PageInfo: { '*': allow },
  User: { '*': allow },
})
