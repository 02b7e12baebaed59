/**
 * The hub of live streams: between feeds, which know where events come from, and doors, which know protocols. In: a
 * subscription and its client's sink. Out: results made once for all who may share them, in order, none missed and none
 * twice, and a last word. It refuses to know GraphQL, which the pipeline knows, and clients, which are positions here.
 */
import type { Logger } from '../../../platform/log/logger.js'
import { breathe } from './breathe.js'
import { catchUp } from './catch-up.js'
import { createLiveCursors } from './live-cursors.js'
import { LiveGroups } from './live-groups.js'
import { LiveMember, type MemberHost } from './live-member.js'
import type { LiveMetrics } from './live-metrics.js'
import type { OpenLive } from './live-operation.js'
import type { LivePipeline } from './live-pipeline.js'
import { MAXIMUM_OWN_READERS } from './own-reader.js'
import { placeMember } from './place-member.js'
import { Places } from './places.js'
import { SharedFeeds } from './shared-feeds.js'

export interface LiveHubOptions {
  readonly pipeline: LivePipeline
  /** At least one, of 32 bytes or more; the same for every replica. The first signs, each is accepted. */
  readonly cursorKeys: readonly Uint8Array[]
  readonly metrics: LiveMetrics
  readonly logger: Logger
}

export interface LiveHub {
  readonly openLive: OpenLive
  /** Moves everybody to the supergraph in use, each at its position. Resolves when everybody has been asked to. */
  moveToCurrent(): Promise<void>
  /** How much is open at present. */
  readonly size: { readonly members: number; readonly groups: number; readonly feeds: number }
}

/** Of streams under way, asked at a time on a reload: each is a query to the subgraphs, and thousands at once are an attack on them. */
const MAXIMUM_GUARDS = 32
const BATCH = 64 // members moved in one turn of the event loop

export function createLiveHub({ pipeline, cursorKeys, metrics, logger }: LiveHubOptions): LiveHub {
  const feeds = new SharedFeeds(metrics)
  const cursors = createLiveCursors(cursorKeys)
  const readers = new Places(MAXIMUM_OWN_READERS)
  const groups = new LiveGroups({ feeds, cursors, readers, metrics, logger })
  const members = new Set<LiveMember>()
  const parts = { pipeline, feeds, groups, cursors, guards: new Places(MAXIMUM_GUARDS) }
  const host: MemberHost = {
    metrics,
    logger,
    replace: (member) => void placeMember(member, parts),
    catchUp: (member, group) => void catchUp(member, group, readers),
    leave: (member, group) => groups.leave(member, group),
    forget(member, held) {
      members.delete(member)
      if (held !== null) feeds.release(held)
    },
  }
  return {
    openLive(request, sink) {
      const member = new LiveMember(request, sink, host)
      members.add(member)
      metrics.operationStarted()
      host.replace(member)
      return member
    },
    async moveToCurrent() {
      let count = 0
      for (const member of [...members]) {
        host.replace(member)
        count += 1
        if (count % BATCH === 0) await breathe()
      }
    },
    get size() {
      return { members: members.size, groups: groups.size, feeds: feeds.size }
    },
  }
}
