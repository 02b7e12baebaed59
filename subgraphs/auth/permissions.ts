import { allow } from 'graphql-shield'
import { createPermissions, isAuthenticated } from '../../platform/graphql/permission-rules.js'

/**
 * Who may call what. The doors of a stranger are open to anybody; sessions are reached only by their owner, and the private
 * side of a user is judged where the user is reached (`resolvers/user.ts`).
 */
export const authPermissions = createPermissions({
  Query: { mySessions: isAuthenticated, myPermissions: isAuthenticated, developmentMails: allow },
  Mutation: {
    register: allow,
    verifyEmail: allow,
    resendVerification: allow,
    requestPasswordReset: allow,
    resetPassword: allow,
    changePassword: isAuthenticated,
    login: allow,
    refreshToken: allow,
    logout: isAuthenticated,
    logoutAll: isAuthenticated,
    revokeSession: isAuthenticated,
  },
  User: { '*': allow },
  Session: { '*': allow },
  AuthPayload: { '*': allow },
  RegistrationReceipt: { '*': allow },
  MailReceipt: { '*': allow },
  DevelopmentMail: { '*': allow },
})
