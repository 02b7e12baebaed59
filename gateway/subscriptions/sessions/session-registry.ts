/**
 * Who is to be told that a token has ended. In: what is open for a caller, and ends of tokens. Out: a call to everything
 * open by such a token, in the same turn. It refuses to know what a session is: configuration names claims, and their values are.
 */
import { isCovered, valueOf, type EndedTokens, type TokenEnd } from '../../../platform/identity/ended-tokens.js'
import type { Caller } from '../../gateway-request.js'

/** Something open on behalf of one caller: a token in use on a socket, a stream over HTTP. */
export interface SessionMember {
  /** The caller's session has ended. Called at most once; the member has left the registry by then. */
  sessionEnded(): void
}

export interface SessionRegistry {
  /**
   * From now on the member is told. False, with nothing joined, where the session has ended already: a token outlives its
   * session. A caller without the claims belongs to no session and is never told anything.
   */
  join(caller: Caller, member: SessionMember): boolean
  /** May be called more than once, and after the member was told. */
  leave(caller: Caller, member: SessionMember): void
  /** Sessions with members at the moment, one a claim. */
  readonly size: number
  /** Tells nobody any more. */
  close(): void
}

/** `claims`: those that ends are told of. Null: nothing is ever told. */
export function createSessionRegistry(
  claims: readonly string[],
  ended: Pick<EndedTokens, 'has' | 'onEnd'> | null,
): SessionRegistry {
  const watched = ended === null ? [] : [...new Set(claims)]
  /** Most sessions have one member: it costs one small map. */
  const sessions = new Map<string, Map<SessionMember, Caller>>()
  const keysOf = ({ principal }: Caller): string[] => {
    if (principal === null) return []
    return watched.flatMap((claim) => {
      const value = valueOf(principal, claim)
      return value === null ? [] : [`${claim}=${value}`]
    })
  }
  const leave: SessionRegistry['leave'] = (caller, member) => {
    for (const key of keysOf(caller)) {
      const members = sessions.get(key)
      members?.delete(member)
      if (members?.size === 0) sessions.delete(key)
    }
  }
  const tell = ({ claim, value, endedAtMs }: TokenEnd): void => {
    for (const [member, caller] of [...(sessions.get(`${claim}=${value}`) ?? [])]) {
      if (caller.principal === null || !isCovered(caller.principal, claim, endedAtMs)) continue
      leave(caller, member)
      member.sessionEnded()
    }
  }
  const stop = ended?.onEnd(tell)
  return {
    join(caller, member) {
      const { principal } = caller
      if (principal !== null && ended?.has(principal) === true) return false
      for (const key of keysOf(caller)) {
        const members = sessions.get(key) ?? new Map<SessionMember, Caller>()
        sessions.set(key, members.set(member, caller))
      }
      return true
    },
    leave,
    get size() {
      return sessions.size
    },
    close: () => stop?.(),
  }
}
