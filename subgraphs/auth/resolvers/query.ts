import { z } from 'zod'
import { AppError } from '../../../platform/errors/app-error.js'
import { decodeCursor, pageSize, toConnection, type Connection } from '../../../platform/graphql/connection.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { ShownEntry } from '../domain/audit.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { auditFilter } from './inputs.js'
import { providerQueries } from './providers.js'
import { serviceClientQueries } from './service-clients.js'
import { passkeyQueries } from './passkey.js'

const place = z.tuple([z.int().positive()])

async function entriesAfter(
  after: string | null | undefined,
  first: number | null | undefined,
  list: (before: number | null, limit: number) => Promise<readonly ShownEntry[]>,
): Promise<Connection<ShownEntry>> {
  const size = pageSize(first)
  const before = after === null || after === undefined ? null : decodeCursor(after, place)[0]
  return toConnection(await list(before, size + 1), size, ({ sequence }) => [sequence])
}

/** Where an administrator works from is not for those they act on. Before somebody signs in they are nobody by name. */
function withoutOthers(entry: ShownEntry, own: string): ShownEntry {
  return entry.actorId === null || entry.actorId === own
    ? entry
    : { ...entry, actorId: null, ipAddress: null, userAgent: null }
}

export const query: QueryResolvers = {
  ...passkeyQueries,
  async mySessions(_parent, _args, context) {
    const { userId, sessionId } = requirePrincipal(context)
    const sessions = await context.useCases.liveSessions(userId)
    return sessions.map((session) => ({ session, isCurrent: session.id === sessionId }))
  },
  async mySecondFactors(_parent, _args, context) {
    const { userId } = requirePrincipal(context)
    const [{ hasTotp, recoveryCodesLeft, passkeys }, phone] = await Promise.all([
      context.useCases.secondFactors.stateOf(userId),
      context.useCases.phone.shownNumberOf(userId),
    ])
    return { totp: hasTotp, recoveryCodesLeft, passkeys, phone }
  },
  async auditLogs(_parent, args, { readers }) {
    const filter = parseInput(auditFilter, args.filter ?? {}, 'filter')
    return entriesAfter(args.after, args.first, (before, limit) => readers.auditLog.list(filter, before, limit))
  },
  async myAuditLog(_parent, args, context) {
    const subjectId = requirePrincipal(context).userId
    return entriesAfter(args.after, args.first, async (before, limit) => {
      const entries = await context.readers.auditLog.list({ subjectId }, before, limit)
      return entries.map((entry) => withoutOthers(entry, subjectId))
    })
  },
  async loginHistory(_parent, { first, after }, context) {
    const { userId } = requirePrincipal(context)
    const size = pageSize(first)
    const before = after === null || after === undefined ? null : decodeCursor(after, place)[0]
    const logins = await context.useCases.loginHistory(userId, before, size + 1)
    return toConnection(logins, size, ({ id }) => [Number(id)])
  },
  ...serviceClientQueries,
  ...providerQueries,
  developmentMails(_parent, { to }, { readers }) {
    if (readers.developmentMails === null) throw new AppError('AUTHZ_FORBIDDEN')
    return [...readers.developmentMails(to)]
  },
  myPermissions: (_parent, _args, context) => [...requirePrincipal(context).permissions].sort(),
}
