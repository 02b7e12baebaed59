import type { Consumer } from '../../../platform/bus/bus.js'
import { userRegistered } from '../../../schema/contracts/user-registered.js'
import { nameProfile } from '../persistence/projections.js'
import { consumeOnce, type ListeningParts } from './consume-once.js'

/** Makes the profile of a new account, with the name it was opened under. */
export function onUserRegistered(
  parts: ListeningParts,
  profileChanged: (userId: string) => Promise<void>,
): Promise<Consumer> {
  return consumeOnce(parts, {
    name: 'user-profiles',
    contract: userRegistered,
    about: ({ userId }) => userId,
    change: (transaction, { userId, displayName }, { occurredAt }) =>
      nameProfile(transaction, { userId, displayName, at: new Date(occurredAt) }),
    afterwards: ({ userId }) => profileChanged(userId),
  })
}
