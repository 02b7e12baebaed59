import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { AuthContext } from '../context.js'
import type { Administrator } from '../domain/administer-accounts.js'
import type { Account } from '../domain/account.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { createUserInput, lockUserInput } from './inputs.js'
import type { UserModel } from './models.js'
import { roleOf } from './user.js'

/** What administrators do to accounts. */
export const administrationMutations = {
  setUserRole: (_parent, { userId, role }, context) =>
    shown(context.useCases.administerAccounts.setRole(administratorOf(context), existing(userId), roleOf(role))),
  lockUser(_parent, args, context) {
    const { reason } = parseInput(lockUserInput, args)
    return shown(context.useCases.administerAccounts.lock(administratorOf(context), existing(args.userId), reason))
  },
  unlockUser: (_parent, { userId }, context) =>
    shown(context.useCases.administerAccounts.unlock(administratorOf(context), existing(userId))),
  resetSecondFactors(_parent, args, context) {
    const { reason } = parseInput(lockUserInput, args)
    const { administerAccounts } = context.useCases
    return shown(administerAccounts.resetFactors(administratorOf(context), existing(args.userId), reason))
  },
  async eraseUser(_parent, args, context) {
    const { reason } = parseInput(lockUserInput, args)
    const by = administratorOf(context)
    const { id: erasureId, receipt } = await context.useCases.administerAccounts.erase(
      by,
      existing(args.userId),
      reason,
    )
    return { erasureId, receipt }
  },
  createUser(_parent, { input }, context) {
    const { email, name } = parseInput(createUserInput, input)
    return shown(context.useCases.administerAccounts.create(administratorOf(context), email, name, roleOf(input.role)))
  },
} satisfies MutationResolvers

export function administratorOf(context: AuthContext): Administrator {
  const { userId, sessionId } = requirePrincipal(context)
  return { userId, sessionId, device: context.device }
}

export function existing(id: string): string {
  if (!isEntityId(id)) throw new AppError('RES_NOT_FOUND')
  return id
}

async function shown(changed: Promise<Account>): Promise<UserModel> {
  return { account: await changed, isPrivateSideVisible: true }
}
