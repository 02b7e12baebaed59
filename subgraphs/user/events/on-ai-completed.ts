import type { Consumer } from '../../../platform/bus/bus.js'
import { aiCompleted } from '../../../schema/contracts/ai-completed.js'
import { countAiRequest } from '../persistence/projections.js'
import { consumeOnce, type ListeningParts } from './consume-once.js'

/** Counts the AI requests of a person that were answered; those that failed are not. */
export function onAiCompleted(parts: ListeningParts): Promise<Consumer> {
  return consumeOnce(parts, {
    name: 'user-ai-requests',
    contract: aiCompleted,
    about: ({ userId }) => userId,
    async change(transaction, { userId, outcome }) {
      if (outcome === 'COMPLETED') await countAiRequest(transaction, userId)
    },
  })
}
