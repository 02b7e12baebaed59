import type { Logger } from '../../../platform/log/logger.js'
import type { LiveField } from '../feeds/live-field.js'
import type { LiveCursors } from './live-cursors.js'
import { LiveGroup, type GroupMember } from './live-group.js'
import type { LiveMetrics } from './live-metrics.js'
import type { PreparedLive } from './live-pipeline.js'
import type { Places } from './places.js'
import { digestOfToken } from './share-key.js'
import type { SharedFeed } from './shared-feed.js'
import type { SharedFeeds } from './shared-feeds.js'

export interface LiveGroupsOptions {
  readonly feeds: SharedFeeds
  readonly cursors: LiveCursors
  readonly readers: Places
  readonly metrics: LiveMetrics
  readonly logger: Logger
}

/** The groups under way. Each holds its feed until its last member leaves. */
export class LiveGroups {
  readonly #options: LiveGroupsOptions
  readonly #groups = new Map<string, LiveGroup>()

  constructor(options: LiveGroupsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#groups.size
  }

  /** Who stands apart shares with those alone who have the same token. */
  static keyOf({ isApart, authorization }: GroupMember, prepared: PreparedLive, field: LiveField): string {
    const { feed, projectionKey, audience } = field
    const key = [feed.key, prepared.generation, projectionKey, prepared.shareKey(audience)]
    return JSON.stringify(isApart ? [...key, digestOfToken(authorization)] : key)
  }

  /** Its group, begun where the member stands if there is none yet. */
  join(
    member: GroupMember & { position: number },
    prepared: PreparedLive,
    field: LiveField,
    shared: SharedFeed,
  ): LiveGroup {
    const key = LiveGroups.keyOf(member, prepared, field)
    const known = this.#groups.get(key)
    if (known !== undefined && known.options.shared === shared) {
      known.join(member)
      return known
    }
    const group = this.#begin(key, { prepared, field, shared, position: member.position })
    group.join(member)
    group.start()
    return group
  }

  leave(member: GroupMember, group: LiveGroup): void {
    group.leave(member)
    if (group.size > 0) return
    this.#forget(group)
    group.close()
    this.#options.feeds.release({ shared: group.options.shared, token: null })
  }

  #begin(
    key: string,
    {
      prepared,
      field,
      shared,
      position,
    }: { prepared: PreparedLive; field: LiveField; shared: SharedFeed; position: number },
  ): LiveGroup {
    const { feeds, cursors, readers, metrics, logger } = this.#options
    feeds.retain({ shared, token: null })
    const isCovered = position >= shared.kept.coversFrom && position <= shared.position
    const group = new LiveGroup({
      key,
      shared,
      field,
      prepared,
      start: isCovered ? position : shared.position,
      cursors,
      readers,
      metrics,
      logger,
      onOver: (over) => this.#forget(over),
    })
    this.#groups.set(key, group)
    return group
  }

  #forget(group: LiveGroup): void {
    if (this.#groups.get(group.options.key) === group) this.#groups.delete(group.options.key)
  }
}
