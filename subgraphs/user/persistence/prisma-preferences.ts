import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import { initialPreferences, type Preferences, type PreferencesStore } from '../domain/preferences.js'
import { readPreferencesDocument, writePreferencesDocument } from './preferences-document.js'
import type { UserPrisma, UserTransaction } from './user-prisma.js'

export interface PrismaPreferencesParts {
  readonly prisma: UserPrisma
  readonly logger: Logger
  readonly now: () => Date
}

/**
 * Preferences in Postgres. A document of an unknown form reads as the initial settings and is never written over: a newer release
 * may have made it.
 */
export function createPrismaPreferences({ prisma, logger, now }: PrismaPreferencesParts): PreferencesStore {
  const read = async (
    from: UserPrisma | UserTransaction,
    userId: string,
  ): Promise<Preferences & { known: boolean }> => {
    const row = await from.preferences.findUnique({ where: { userId } })
    if (row === null) return { ...initialPreferences, version: 0, known: true }
    const settings = readPreferencesDocument(row.document)
    if (settings === null) logger.warn({ userId }, 'preferences have a form that is not known here')
    return { ...(settings ?? initialPreferences), version: row.version, known: settings !== null }
  }
  return {
    find: (userId) => read(prisma, userId),
    change: (userId, change) =>
      prisma.$transaction(async (transaction) => {
        // a person without a row yet has nothing that could be locked
        await transaction.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`preferences:${userId}`}, 0))`
        const present = await read(transaction, userId)
        const settings = change(present)
        if (!present.known) throw new AppError('RES_CONFLICT')
        const version = present.version + 1
        const written = { document: writePreferencesDocument(settings), version, updatedAt: now() }
        await transaction.preferences.upsert({ where: { userId }, create: { userId, ...written }, update: written })
        return { ...settings, version }
      }),
  }
}
