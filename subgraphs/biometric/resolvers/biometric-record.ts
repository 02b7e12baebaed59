import type { BiometricRecordResolvers } from '../generated/resolvers.js'
import { idOrNull } from './inputs.js'

export const biometricRecord: BiometricRecordResolvers = {
  // reached by any caller through _entities: the loader knows only the caller's own
  __resolveReference(reference, { loaders }) {
    const id = idOrNull(reference.id)
    return id === null ? null : loaders.record.load(id)
  },
  user: ({ userId }) => ({ id: userId }),
}
