import type { Role as SdlRole, UserResolvers } from '../generated/resolvers.js'
import { roles as knownRoles, type Role } from '../../../platform/identity/roles.js'

const sdlRoles: Readonly<Record<Role, SdlRole>> = {
  guest: 'GUEST',
  user: 'USER',
  admin: 'ADMIN',
  superadmin: 'SUPERADMIN',
  service: 'SERVICE',
}

/** A role as the domain knows it. */
export function roleOf(role: SdlRole): Role {
  return knownRoles.find((known) => sdlRoles[known] === role) ?? 'guest'
}

export const user: UserResolvers = {
  async __resolveReference({ id }, { loaders, principal }) {
    const account = await loaders.account.load(id)
    if (account === null) return null
    const isPrivateSideVisible = principal?.userId === account.id || principal?.permissions.has('admin:users') === true
    return { account, isPrivateSideVisible }
  },
  id: ({ account }) => account.id,
  createdAt: ({ account }) => account.createdAt,
  email: ({ account, isPrivateSideVisible }) => (isPrivateSideVisible ? account.email : null),
  emailVerified: ({ account, isPrivateSideVisible }) => (isPrivateSideVisible ? account.isEmailVerified : null),
  lockedAt: ({ account, isPrivateSideVisible }) => (isPrivateSideVisible ? account.lockedAt : null),
  role: ({ account, isPrivateSideVisible }) => (isPrivateSideVisible ? sdlRoles[account.role] : null),
  lastLoginAt: ({ account, isPrivateSideVisible }) => (isPrivateSideVisible ? account.lastLoginAt : null),
}
