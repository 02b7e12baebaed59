import { allow, and } from 'graphql-shield'
import {
  createPermissions,
  hasAssurance,
  hasPermission,
  isAuthenticated,
} from '../../platform/graphql/permission-rules.js'

const FRESH_SECONDS = 300 // long enough to find the phone, too short for a borrowed laptop
const signedInLately = hasAssurance('aal1', FRESH_SECONDS)
const signedInByBothLately = hasAssurance('aal2', FRESH_SECONDS)

/**
 * Who may call what. The doors of a stranger are open to anybody; sessions are reached only by their owner, and the private
 * side of a user is judged where the user is reached (`resolvers/user.ts`).
 */
export const authPermissions = createPermissions({
  Query: {
    mySessions: isAuthenticated,
    myPermissions: isAuthenticated,
    mySecondFactors: isAuthenticated,
    auditLogs: hasPermission('admin:audit'),
    myAuditLog: isAuthenticated,
    developmentMails: allow,
  },
  Mutation: {
    register: allow,
    verifyEmail: allow,
    resendVerification: allow,
    requestPasswordReset: allow,
    resetPassword: allow,
    changePassword: isAuthenticated,
    setUserRole: and(hasPermission('admin:users'), signedInLately),
    lockUser: hasPermission('admin:users'),
    unlockUser: hasPermission('admin:users'),
    createUser: and(hasPermission('admin:users'), signedInLately),
    verifyMfa: allow,
    reauthenticate: isAuthenticated,
    enrollMfa: signedInLately,
    confirmMfa: signedInLately,
    disableMfa: signedInByBothLately,
    renewRecoveryCodes: signedInByBothLately,
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
  AuditLogConnection: { '*': allow },
  AuditLogEdge: { '*': allow },
  AuditEntry: { '*': allow },
  PageInfo: { '*': allow },
  MfaChallenge: { '*': allow },
  AccessToken: { '*': allow },
  SecondFactors: { '*': allow },
  TotpEnrolment: { '*': allow },
  RecoveryCodes: { '*': allow },
  DevelopmentMail: { '*': allow },
})
