import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createLogger } from '../log/logger.js'
import type { Bus } from './bus.js'
import { describeBusContract, envelopeOf, take } from './bus-contract.js'
import { openEventJournal } from './event-journal.js'
import { describeFollowerPositions } from './follower-positions.js'
import { createInProcessBus } from './in-process-bus.js'

const logger = createLogger({ service: 'test', level: 'silent' })
let folder: string
let now: number

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-'))
  now = Date.now()
})
afterEach(() => rmSync(folder, { recursive: true }))

const journalFile = () => path.join(folder, 'events.jsonl')
const openBus = () =>
  createInProcessBus({ logger, clock: () => now, journal: openEventJournal(journalFile(), () => now) })

/** What a consumer of this name is handed, up to and including the event whose data is `last`. */
function handledUntil(bus: Bus, last: unknown): Promise<unknown[]> {
  return new Promise((resolve) => {
    const seen: unknown[] = []
    void bus.consume({
      name: 'reader',
      subject: 'events.x',
      handle: async ({ data }) => {
        seen.push(data)
        if (data === last) setImmediate(() => resolve(seen))
      },
    })
  })
}

const openOwnBus = async () => {
  const own = mkdtempSync(path.join(tmpdir(), 'journal-'))
  return createInProcessBus({ logger, journal: openEventJournal(path.join(own, 'events.jsonl')) })
}
describeBusContract('the in-process bus with a journal', openOwnBus)
describeFollowerPositions('the in-process bus with a journal', openOwnBus)

describe('a journal', () => {
  it('hands the next process what no consumer had handled', async () => {
    const before = openBus() // never closed: the process was killed
    await before.publish('events.x', envelopeOf('one'))
    await handledUntil(before, 'one')
    const crashed = openBus()
    await crashed.publish('events.x', envelopeOf('two'))
    await crashed.publish('events.x', envelopeOf('three'))
    expect(await handledUntil(openBus(), 'three')).toEqual(['two', 'three'])
  })

  it('lets a follower go on across processes from the position it had', async () => {
    const before = openBus()
    await before.publish('progress.x', envelopeOf('one'))
    await before.publish('progress.x', envelopeOf('two'))
    const [first] = await take(await before.follow('progress.x', 'all'), 1)
    const after = openBus()
    await after.publish('progress.x', envelopeOf('three'))
    const rest = await take(await after.follow('progress.x', { afterSequence: first?.sequence ?? 0 }), 2)
    expect(rest.map((event) => event.envelope.data)).toEqual(['two', 'three'])
  })

  it('keeps the name of a log as long as it keeps events, and names it anew after', async () => {
    const nameOf = async (bus: Bus, subject: string) => (await bus.follow(subject, 'new')).log
    const before = openBus()
    await before.publish('progress.x', envelopeOf('one'))
    const [name, empty] = [await nameOf(before, 'progress.x'), await nameOf(before, 'events.x')]
    expect(await nameOf(openBus(), 'progress.y')).toBe(name)
    expect(await nameOf(openBus(), 'progress.y')).toBe(name)
    expect(await nameOf(openBus(), 'events.x')).not.toBe(empty)
    now += 16 * 60_000
    expect(await nameOf(openBus(), 'progress.y')).not.toBe(name)
  })

  it('recognises an event that was published before the crash and again after it', async () => {
    const envelope = envelopeOf('once')
    await openBus().publish('events.x', envelope)
    const after = openBus()
    await after.publish('events.x', envelope)
    await after.publish('events.x', envelopeOf('end'))
    expect(await handledUntil(after, 'end')).toEqual(['once', 'end'])
  })

  it('drops a line cut off by a crash and keeps the rest', async () => {
    await openBus().publish('events.x', envelopeOf('whole'))
    appendFileSync(journalFile(), '{"stream":"EVENTS","sequence":17,"env')
    const after = openBus()
    await after.publish('events.x', envelopeOf('next'))
    expect(await handledUntil(after, 'next')).toEqual(['whole', 'next'])
  })

  it('forgets what is too old when it is opened, so that its file does not grow for ever', async () => {
    await openBus().publish('progress.x', envelopeOf('old'))
    now += 16 * 60_000
    await openBus().close()
    expect(readFileSync(journalFile(), 'utf8')).toBe('')
  })
})
