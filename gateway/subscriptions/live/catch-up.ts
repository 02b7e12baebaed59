import { AppError } from '../../../platform/errors/app-error.js'
import { breathe } from './breathe.js'
import type { LiveGroup } from './live-group.js'
import type { LiveMember } from './live-member.js'
import { OwnReader } from './own-reader.js'
import type { Places } from './places.js'
import type { ReceivedEvent } from './shared-feed.js'

const BATCH = 64 // events between two turns of the event loop

/**
 * The way of a member that its group's answers do not reach back to: over what the feed keeps, otherwise by a reader of its
 * own over the log, until it stands where the group can take over. One event at a time, no faster than the client reads.
 * Ends the member with SUBSCRIPTION_LAGGING where nothing reaches back to it.
 */
export async function catchUp(member: LiveMember, group: LiveGroup, readers: Places): Promise<void> {
  const { course } = member
  const isUnderWay = () => member.course === course && !member.isOver
  const log = new OwnReader(member, group.options.shared.feed, readers)
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
  if (member.give(answer) === 'slow') await log.during(drained(member))
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
