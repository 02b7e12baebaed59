import { AppError } from '../../../platform/errors/app-error.js'
import type { FeedEvent, FeedReader } from '../feeds/event-feed.js'
import { approximateSize } from './approximate-size.js'
import { breathe } from './breathe.js'
import type { LiveGroup } from './live-group.js'
import type { LiveMember } from './live-member.js'
import { BEGINNING, type ReceivedEvent } from './shared-feed.js'

const BATCH = 64 // events between two turns of the event loop

/**
 * The way of a member that its group's answers do not reach back to: over what the feed keeps, otherwise by a reader of its
 * own over the log, until it stands where the group can take over. One event at a time, no faster than the client reads.
 * Ends the member with SUBSCRIPTION_LAGGING where nothing reaches back to it.
 */
export async function catchUp(member: LiveMember, group: LiveGroup): Promise<void> {
  const { course } = member
  const isUnderWay = () => member.course === course && !member.isOver
  const log = new OwnReader(member, group)
  try {
    for (let count = 1; isUnderWay(); count += 1) {
      const read = member.readKept()
      if (read === 'more') await breathe()
      else if (read === 'uncovered') await advance(member, group, log, isUnderWay)
      else return
      if (count % BATCH === 0) await breathe()
    }
  } catch (error) {
    if (isUnderWay()) member.fail(hasFallenOut(error, member) ? new AppError('SUBSCRIPTION_LAGGING') : error)
  } finally {
    await log.close().catch(() => {}) // there is nobody left to tell
  }
}

/** The log no longer keeps what it is to read next: not for an old cursor, but for its own slowness. */
function hasFallenOut(error: unknown, { replayed }: LiveMember): boolean {
  return error instanceof AppError && error.code === 'CURSOR_EXPIRED' && replayed !== 0
}

/** One event further. */
async function advance(member: LiveMember, group: LiveGroup, log: OwnReader, isUnderWay: () => boolean): Promise<void> {
  const event = keptEvent(member, group) ?? (await log.next())
  if (event === null || !isUnderWay() || event.sequence <= member.position) return
  if (!group.options.field.admits(event.payload)) {
    member.position = event.sequence
    return
  }
  const answer = await group.answers.answerTo(event)
  if (answer === null || !isUnderWay()) return
  if (member.give(answer) === 'slow') await drained(member)
}

/** Of what the feed keeps; undefined where it does not reach back so far. Null when the group can take over. */
function keptEvent(member: LiveMember, { options: { shared }, kept }: LiveGroup): ReceivedEvent | null | undefined {
  if (shared.kept.coversFrom > member.position) return undefined
  const event = shared.kept.firstAfter(member.position)
  if (event !== undefined && event.sequence <= kept.coversFrom) return event
  member.position = kept.coversFrom // there is nothing between
  return null
}

function drained(member: LiveMember): Promise<void> {
  return new Promise((resolve) => {
    member.wake = () => {
      member.wake = null
      resolve()
    }
  })
}

/** The log from the member's position on, opened when it is needed first. */
class OwnReader {
  readonly #member: LiveMember
  readonly #group: LiveGroup
  #open: { readonly reader: FeedReader; readonly events: AsyncIterator<FeedEvent> } | null = null
  #count = 0
  #isCaughtUp = false

  constructor(member: LiveMember, group: LiveGroup) {
    this.#member = member
    this.#group = group
  }

  /** Null when everything that had been stored when it was opened is read. Throws AppError. */
  async next(): Promise<ReceivedEvent | null> {
    const { reader, events } = (this.#open ??= await this.#begin())
    if (!this.#isCaughtUp && this.#count >= reader.backlog) {
      this.#isCaughtUp = true
      this.#member.position = Math.max(this.#member.position, reader.head)
      return null
    }
    const next = await events.next()
    if (next.done === true) throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE')
    this.#count += 1
    const { sequence, payload } = next.value
    return { sequence, payload, receivedAt: performance.now(), bytes: approximateSize(payload) }
  }

  async close(): Promise<void> {
    await this.#open?.reader.close()
  }

  async #begin(): Promise<{ reader: FeedReader; events: AsyncIterator<FeedEvent> }> {
    const { feed } = this.#group.options.shared
    const { position, signal } = this.#member
    if (!feed.isLog) throw new AppError('SUBSCRIPTION_LAGGING')
    const reader = await feed.open(position === BEGINNING ? 'all' : { afterSequence: position }, signal)
    const close = () => void reader.close().catch(() => {}) // its iteration ends, which says the same
    if (signal.aborted) close()
    signal.addEventListener('abort', close, { once: true })
    return { reader, events: reader[Symbol.asyncIterator]() }
  }
}
