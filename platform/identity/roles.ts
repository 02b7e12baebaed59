/** The roles there are; one an account. A token's claim `roles` carries it. */
export const roles = ['guest', 'user', 'admin', 'superadmin', 'service'] as const

export type Role = (typeof roles)[number]

/** From the least to the most; a service stands beside the order, and only a superadmin makes one. */
const ranks: Readonly<Record<Role, number>> = { guest: 0, user: 1, admin: 2, superadmin: 3, service: 3 }

/** Whether somebody with a role may give, or act on somebody with, another. */
export function mayGrant(own: Role, role: Role): boolean {
  return own !== 'service' && ranks[own] >= ranks[role]
}

/** The role of this name; null where there is none. */
export function roleOf(name: string | null): Role | null {
  return roles.find((role) => role === name) ?? null
}
