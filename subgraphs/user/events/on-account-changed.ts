import type { Consumer } from '../../../platform/bus/bus.js'
import { accountChanged } from '../../../schema/contracts/account-changed.js'
import { noteAccount } from '../persistence/projections.js'
import { consumeOnce, type ListeningParts } from './consume-once.js'

/** Keeps what auth says of accounts, so that administrators find people by it. */
export function onAccountChanged(parts: ListeningParts): Promise<Consumer> {
  return consumeOnce(parts, {
    name: 'user-accounts',
    contract: accountChanged,
    about: ({ userId }) => userId,
    change: (transaction, statement, { occurredAt }) =>
      noteAccount(transaction, { ...statement, at: new Date(occurredAt) }),
  })
}
