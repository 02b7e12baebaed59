import { deviceName } from '../domain/device-name.js'
import type { SessionResolvers } from '../generated/resolvers.js'

export const session: SessionResolvers = {
  async __resolveReference({ id }, { loaders, principal }) {
    const own = await loaders.ownSession.load(id)
    return own && { session: own, isCurrent: own.id === principal?.sessionId }
  },
  id: ({ session }) => session.id,
  createdAt: ({ session }) => session.createdAt,
  lastSeenAt: ({ session }) => session.lastSeenAt,
  expiresAt: ({ session }) => session.expiresAt,
  userAgent: ({ session }) => session.userAgent,
  deviceName: ({ session }) => deviceName(session.userAgent),
  ipAddress: ({ session }) => session.ipAddress,
  current: ({ isCurrent }) => isCurrent,
}
