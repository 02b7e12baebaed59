import { AppError } from '../../../platform/errors/app-error.js'
import type { FeedFrom } from '../feeds/event-feed.js'
import type { LiveField } from '../feeds/live-field.js'
import { checkGuard } from './check-guard.js'
import { onlyAnswer, snapshotOf } from './first-answer.js'
import { digestOfLog, type CursorPosition, type LiveCursors } from './live-cursors.js'
import { LiveGroups } from './live-groups.js'
import type { LiveMember } from './live-member.js'
import type { LivePipeline, PreparedLive } from './live-pipeline.js'
import type { Places } from './places.js'
import { prepareAnew } from './prepare-anew.js'
import { BEGINNING } from './shared-feed.js'
import { heldBy, type HeldFeed, type SharedFeeds } from './shared-feeds.js'

export interface Placing {
  readonly pipeline: LivePipeline
  readonly feeds: SharedFeeds
  readonly groups: LiveGroups
  readonly cursors: LiveCursors
  /** For guards of streams under way, which all ask at once where the graph changes. */
  readonly guards: Places
}

/**
 * Finds a member its place: for a new one after all that a subscription must pass, for one under way the group it now belongs
 * to, which it enters at its position. It stays where it is until then. Asked for once more meanwhile, it is done once more.
 */
export async function placeMember(member: LiveMember, parts: Placing): Promise<void> {
  if (member.isOver) return
  if (member.placing !== null) return void (member.isMisplaced = true)
  member.placing = new AbortController()
  const { signal } = member.placing
  do {
    member.isMisplaced = false
    try {
      await (member.state === 'opening' ? begin(member, signal, parts) : move(member, signal, parts))
    } catch (error) {
      if (!member.isMisplaced) member.fail(error)
    }
  } while (member.isMisplaced && !member.isOver)
  member.placing = null
}

async function begin(member: LiveMember, signal: AbortSignal, parts: Placing): Promise<void> {
  const { pipeline, feeds, groups, cursors } = parts
  const { request } = member
  const prepared = await pipeline.prepare(request)
  const field = prepared.field()
  if (field === null) {
    const only = await onlyAnswer(prepared, signal)
    if (!member.isOver) member.giveFirst(only)
    return
  }
  const resumed = request.cursor === null ? null : readCursor(request.cursor, member, field, cursors)
  const held = await feeds.acquire(field.feed, beginningOf(field, resumed), signal)
  const { shared } = held
  try {
    if (resumed !== null && resumed.logDigest !== digestOfLog(shared.log)) throw new AppError('CURSOR_EXPIRED')
    const isReplay = field.feed.isLog && field.replay === 'ALL' && field.snapshot === null
    const position = resumed?.sequence ?? (isReplay ? BEGINNING : shared.position)
    if (field.guard !== null) await askGuard(field.guard, prepared, signal)
    const isToldWhere = field.feed.isLog && resumed === null && position !== BEGINNING
    const cursorHead = isToldWhere ? cursors.headFor(shared.log, field.feed.key, position) : null
    const place = { position, cursorHead }
    const first =
      resumed === null && field.snapshot !== null ? await snapshotOf(field.snapshot, prepared, place, signal) : null
    if (member.isOver) return
    member.binding = field.feed.isLog ? cursors.bindingFor(request) : null
    member.position = position
    member.replayed = resumed === null ? null : 0
    if (first !== null) member.giveFirst(first)
    else if (cursorHead !== null && member.asksForBeginning) member.tellBeginning(cursorHead)
    if (!member.isOver) settle(member, groups, { prepared, field, held }, feeds)
  } finally {
    feeds.release(held)
  }
}

async function move(
  member: LiveMember,
  signal: AbortSignal,
  { pipeline, feeds, groups, guards }: Placing,
): Promise<void> {
  const { prepared, field } = await prepareAnew(member, pipeline)
  if (field.guard !== null) {
    const place = await guards.take(signal)
    try {
      if (member.isMisplaced) return
      await askGuard(field.guard, prepared, signal) // another token, or another graph, may answer otherwise than at first
    } finally {
      place.leave()
    }
    if (member.isOver || member.isMisplaced) return
  }
  const { group } = member
  const { feed } = field
  if (group?.options.key === LiveGroups.keyOf(member, prepared, field)) {
    hold(member, heldBy(feed, group.options.shared), feeds) // its token may last longer now
    return group.join(member)
  }
  const from = member.standing === BEGINNING ? 'all' : { afterSequence: member.standing }
  const held = await feeds.acquire(feed, feed.isLog ? from : 'new', signal)
  const { shared } = held
  try {
    if (member.isOver || member.isMisplaced) return
    const isSameLog = shared === member.held?.shared || (shared.log !== '' && shared.log === member.held?.shared.log)
    member.quit()
    if (!isSameLog) {
      member.position = shared.position
      member.hasChangedSource = true
    }
    settle(member, groups, { prepared, field, held }, feeds)
  } finally {
    feeds.release(held)
  }
}

/** Throws what refuses this caller this thing. */
async function askGuard(
  { query, variables }: NonNullable<LiveField['guard']>,
  prepared: PreparedLive,
  signal: AbortSignal,
): Promise<void> {
  await checkGuard(query, variables, (asked, values) => prepared.ask(asked, values, signal))
}

interface Destination {
  readonly prepared: PreparedLive
  readonly field: LiveField
  readonly held: HeldFeed
}

/** Into its group, in one turn. */
function settle(
  member: LiveMember,
  groups: LiveGroups,
  { prepared, field, held }: Destination,
  feeds: SharedFeeds,
): void {
  hold(member, held, feeds)
  member.enter(groups.join(member, prepared, field, held.shared))
}

/** In place of what it held. */
function hold(member: LiveMember, held: HeldFeed, feeds: SharedFeeds): void {
  const earlier = member.held
  feeds.retain(held)
  member.held = held
  if (earlier !== null) feeds.release(earlier)
}

function readCursor(
  cursor: string,
  { request }: LiveMember,
  { feed }: LiveField,
  cursors: LiveCursors,
): CursorPosition {
  if (!feed.isLog) throw new AppError('CURSOR_UNSUPPORTED')
  return cursors.read(cursor, request, feed.key)
}

function beginningOf({ replay, snapshot }: LiveField, resumed: CursorPosition | null): FeedFrom {
  if (resumed !== null) return { afterSequence: resumed.sequence }
  return replay === 'ALL' && snapshot === null ? 'all' : 'new'
}
