import { allow } from 'graphql-shield'
import { createPermissions, hasPermission, isAuthenticated } from '../../platform/graphql/permission-rules.js'

/** Who may call what. A request's fields are open: it is only ever found by the one who asked it. */
export const aiPermissions = createPermissions({
  Query: {
    aiModels: isAuthenticated,
    aiRequest: isAuthenticated,
    aiRequests: isAuthenticated,
    aiConsent: isAuthenticated,
  },
  Mutation: { generateWithAi: hasPermission('ai:generate') },
  AiModel: { '*': allow },
  AiRequest: { '*': allow },
  AiFailure: { '*': allow },
  AiRequestConnection: { '*': allow },
  AiRequestEdge: { '*': allow },
  PageInfo: { '*': allow },
  User: { '*': allow },
})
