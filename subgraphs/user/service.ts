/**
 * The user service. In: its configuration and the engines it runs on. Out: a subgraph of people and their profiles, kept up to
 * date by what auth, biometric, content and ai tell. It refuses to start on a database it can't use, and leaves nothing open
 * when it can't start.
 */
import { openOutboxRelay } from '../../platform/bus/outbox-relay.js'
import { createInProcessCache } from '../../platform/cache/in-process-cache.js'
import { dateTimeScalar } from '../../platform/graphql/date-time-scalar.js'
import type { Engines, RunningService } from '../../platform/service/engines.js'
import { openSubgraphService } from '../../platform/service/open-subgraph-service.js'
import type { Shutdown } from '../../platform/service/shutdown.js'
import type { UserConfig } from './config.js'
import { createUserContext, type UserParts } from './context.js'
import { createAdministerPeople } from './domain/administer-people.js'
import { createEditPeople } from './domain/edit-people.js'
import { createSearchAllowance } from './domain/search-allowance.js'
import type { ListeningParts } from './events/consume-once.js'
import { onAccountChanged } from './events/on-account-changed.js'
import { onAiCompleted } from './events/on-ai-completed.js'
import { onBiometricVerified } from './events/on-biometric-verified.js'
import { onContentPublished } from './events/on-content-published.js'
import { onContentUnpublished } from './events/on-content-unpublished.js'
import { onUserRegistered } from './events/on-user-registered.js'
import { openPrivacy } from './open-privacy.js'
import { userPermissions } from './permissions.js'
import { createCachedSearchCounts } from './persistence/cached-search-counts.js'
import { createCachedProfiles } from './persistence/cached-profiles.js'
import { createPrismaActivities } from './persistence/prisma-activities.js'
import { createPrismaContacts, readStandings } from './persistence/prisma-contacts.js'
import { createPrismaPeopleAdministration } from './persistence/prisma-people-administration.js'
import { createPrismaPeopleDirectory } from './persistence/prisma-people-directory.js'
import { createPrismaPreferences } from './persistence/prisma-preferences.js'
import { createPrismaProfiles } from './persistence/prisma-profiles.js'
import { createTransact } from './persistence/transact.js'
import { createUserPrisma } from './persistence/user-prisma.js'
import { blockedUser, contact } from './resolvers/contact.js'
import { consent } from './resolvers/consent.js'
import { dataExport } from './resolvers/data-export.js'
import { erasure } from './resolvers/erasure.js'
import { mutation } from './resolvers/mutation.js'
import { query } from './resolvers/query.js'
import { user } from './resolvers/user.js'
import { serveExports } from './serve-exports.js'

const name = 'user'

const resolvers = {
  DateTime: dateTimeScalar,
  Query: query,
  Mutation: mutation,
  User: user,
  Contact: contact,
  BlockedUser: blockedUser,
  Erasure: erasure,
  DataExport: dataExport,
  Consent: consent,
}

/** Opens the service; `now` is its only clock. */
export function openUserService(
  { http, masterKeys, privacy: settings }: UserConfig,
  engines: Engines,
  now: () => Date = () => new Date(),
): Promise<RunningService> {
  const { bus, cache } = engines
  return openSubgraphService({
    name,
    http,
    engines,
    async open({ database, logger, shutdown }) {
      const prisma = createUserPrisma(database)
      shutdown.add('the Prisma client', () => prisma.$disconnect())
      const profiles = createCachedProfiles({ profiles: createPrismaProfiles(prisma, now), cache, logger })
      await listen({ bus, prisma, logger }, profiles.forget, shutdown)
      const relay = await openOutboxRelay({ pool: database.pool, schema: name, bus, logger })
      shutdown.add('the outbox relay', () => relay.close())
      const transact = createTransact(prisma, relay.wake)
      const profileChanged = profiles.forget
      const fallback = createInProcessCache()
      shutdown.add('the fallback cache', () => fallback.close())
      const parts: UserParts = {
        privacy: await openPrivacy({
          ...{ logger, shutdown, bus, prisma, transact, masterKeys, settings, now },
          profileChanged,
        }),
        profiles,
        activities: createPrismaActivities(prisma),
        editPeople: createEditPeople({ profiles, now }),
        administerPeople: createAdministerPeople(createPrismaPeopleAdministration({ transact, profileChanged }), now),
        contactStore: createPrismaContacts(prisma),
        standings: (viewerId, userIds) => readStandings(prisma, viewerId, userIds),
        directory: createPrismaPeopleDirectory(prisma),
        searches: createSearchAllowance(createCachedSearchCounts({ cache, fallback, logger }), now),
        preferences: createPrismaPreferences({ prisma, logger, now }),
        now,
      }
      return {
        resolvers,
        permissions: userPermissions,
        createContext: (base) => createUserContext(base, parts),
        mount: (app) => serveExports(app, parts.privacy.exportData, logger),
      }
    },
  })
}

async function listen(
  parts: ListeningParts,
  profileChanged: (userId: string) => Promise<void>,
  shutdown: Shutdown,
): Promise<void> {
  const listeners = [
    () => onUserRegistered(parts, profileChanged),
    () => onAccountChanged(parts),
    () => onBiometricVerified(parts),
    () => onContentPublished(parts),
    () => onContentUnpublished(parts),
    () => onAiCompleted(parts),
  ]
  for (const open of listeners) {
    const consumer = await open()
    shutdown.add('a consumer', () => consumer.close())
  }
}
