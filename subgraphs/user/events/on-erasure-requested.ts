import type { Consumer } from '../../../platform/bus/bus.js'
import { answerErasures } from '../../../platform/personal-data/answer-erasures.js'
import { userErasureAcknowledged } from '../../../schema/contracts/user-erasure-acknowledged.js'
import { userErasureRequested } from '../../../schema/contracts/user-erasure-requested.js'
import { personalData } from '../persistence/personal-data.js'
import type { Transact } from '../persistence/transact.js'
import type { ListeningParts } from './consume-once.js'

export interface OnErasureRequestedParts extends Pick<ListeningParts, 'bus' | 'logger'> {
  readonly transact: Transact
  readonly now: () => Date
  /** Called when a person is gone, and again at every further delivery. */
  readonly afterwards: (userId: string) => Promise<void>
}

/** Erases what user has of a person: their profile, what other services told of them, what they agreed to. */
export function onErasureRequested(parts: OnErasureRequestedParts): Promise<Consumer> {
  return answerErasures({
    ...parts,
    service: 'user',
    requested: userErasureRequested,
    acknowledged: userErasureAcknowledged,
    plan: personalData,
  })
}
