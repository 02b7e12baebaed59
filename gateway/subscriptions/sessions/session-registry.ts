/**
 * Who is to be told that a session has ended. In: what is open for a caller, and sessions that end. Out: a call to everything
 * open for them, in the same turn. It refuses to know what a session is: configuration names a claim, and its value is one.
 */
import type { Caller } from '../../gateway-request.js'

/** Something open on behalf of one caller: a token in use on a socket, a stream over HTTP. */
export interface SessionMember {
  /** The caller's session has ended. Called at most once; the member has left the registry by then. */
  sessionEnded(): void
}

export interface SessionRegistry {
  /**
   * From now on the member is told. False, with nothing joined, where the session has ended already: a token outlives its
   * session. A caller without the claim belongs to no session and is never told anything.
   */
  join(caller: Caller, member: SessionMember): boolean
  /** May be called more than once, and after the member was told. */
  leave(caller: Caller, member: SessionMember): void
  /** Tells every member, and keeps the session in mind until no token of it can be good any more. */
  end(session: string, agoMs?: number): void
  /** Sessions with members at the moment. */
  readonly size: number
}

export interface SessionRegistryOptions {
  /** Null: nothing is ever told. */
  readonly claim: string | null
  /** How long after its end a session is kept in mind. */
  readonly rememberMs?: number
  readonly maxRemembered?: number
  /** Milliseconds that only ever grow. */
  readonly now?: () => number
}

const REMEMBER_MS = 3_600_000 // access tokens live for minutes, by custom at most an hour
const MAX_REMEMBERED = 100_000 // about 10 MB; of more the oldest are forgotten

export function createSessionRegistry(options: SessionRegistryOptions): SessionRegistry {
  const { claim, rememberMs = REMEMBER_MS, maxRemembered = MAX_REMEMBERED, now = () => performance.now() } = options
  /** Most sessions have one member: it stands here without a set around it. */
  const members = new Map<string, SessionMember | Set<SessionMember>>()
  const forgetAt = new Map<string, number>()
  const sessionOf = ({ principal }: Caller): string | null => {
    const value = claim === null ? undefined : principal?.claims[claim]
    return typeof value === 'string' ? value : null
  }
  const remember = (session: string, untilMs: number): void => {
    forgetAt.delete(session)
    forgetAt.set(session, untilMs)
    for (const [oldest, atMs] of forgetAt) {
      if (atMs > now() && forgetAt.size <= maxRemembered) return
      forgetAt.delete(oldest)
    }
  }
  return {
    join(caller, member) {
      const session = sessionOf(caller)
      if (session === null) return true
      if ((forgetAt.get(session) ?? -Infinity) > now()) return false
      const others = members.get(session)
      if (others === undefined) members.set(session, member)
      else if (others instanceof Set) others.add(member)
      else if (others !== member) members.set(session, new Set([others, member]))
      return true
    },
    leave(caller, member) {
      const session = sessionOf(caller)
      if (session === null) return
      const present = members.get(session)
      if (present instanceof Set) present.delete(member)
      if (present === member || (present instanceof Set && present.size === 0)) members.delete(session)
    },
    end(session, agoMs = 0) {
      if (agoMs < rememberMs) remember(session, now() + rememberMs - agoMs)
      const told = members.get(session)
      members.delete(session)
      if (told instanceof Set) told.forEach((member) => member.sessionEnded())
      else told?.sessionEnded()
    },
    get size() {
      return members.size
    },
  }
}
