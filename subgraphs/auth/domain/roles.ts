/** What an account may do, as a role's list of permissions. One role an account; the claims of a token carry both. */
import type { Role } from '../../../platform/identity/roles.js'

const person = [
  'user:read',
  'content:read',
  'content:write',
  'content:delete',
  'ai:generate',
  'ai:analyze',
  'biometric:enroll',
  'biometric:verify',
  'biometric:read',
  'biometric:delete',
]

const administrator = [
  'user:read',
  'user:write',
  'user:delete',
  'content:read',
  'content:write',
  'content:delete',
  'content:publish',
  'ai:generate',
  'ai:analyze',
  'biometric:read',
  'biometric:delete',
  'admin:users',
  'admin:audit',
]

const permissions: Readonly<Record<Role, readonly string[]>> = {
  guest: ['content:read'],
  user: person,
  admin: administrator,
  superadmin: [...administrator, 'admin:system', 'biometric:admin', 'biometric:identify'],
  service: [], // a program has what its own registration gives it, and nothing by its role
}

/** The permissions of a role, as `resource:action`. */
export function permissionsOf(role: Role): readonly string[] {
  return permissions[role]
}
