import { allow } from 'graphql-shield'
import { createPermissions, hasPermission, isAuthenticated } from '../../platform/graphql/permission-rules.js'

/** Who may call what. A profile is public; what is private of a user, the user's fields keep from others (`resolvers/user.ts`). */
export const userPermissions = createPermissions({
  Query: { me: allow, user: hasPermission('user:read') },
  Mutation: { updateProfile: isAuthenticated },
  User: { '*': allow },
  UserProfile: { '*': allow },
})
