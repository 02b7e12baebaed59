import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Caller } from '../../gateway-request.js'
import type { DeliveryPolicy } from '../feeds/live-field.js'
import { callerOf, ScriptedHub, type ScriptedClient } from './fixtures/scripted-hub.js'
import { ScriptedLog } from './fixtures/scripted-log.js'

/*
 * Clients join, resume, hang, leave, get other tokens, some of which subgraphs refuse, while events come, supergraphs change and
 * sources fail, in any order.
 * Each client's answers are then compared with the log itself: events are numbered as they come, from 1.
 */

const RUNS = Number(process.env['RUNS'] ?? 150) // fast-check prints the seed of a run that fails

type Step =
  | { readonly kind: 'emit'; readonly count: number }
  | { readonly kind: 'slow' | 'drain' | 'close' | 'resume' | 'renew'; readonly client: number }
  | { readonly kind: 'join' | 'reload' | 'cut' | 'turn' | 'settle' | 'refuse' }

const TOKENS = 3
const client = fc.nat(11)
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('emit' as const), count: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const) }) },
    {
      weight: 8,
      arbitrary: fc.record({ kind: fc.constantFrom('slow', 'drain', 'close', 'resume', 'renew' as const), client }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('reload', 'turn', 'turn', 'settle' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('cut', 'refuse', 'refuse' as const) }) },
  ),
  { minLength: 5, maxLength: 60 },
)

interface Follower extends ScriptedClient {
  /** It is to be given everything after this position; undefined while nobody can know where it begins. */
  after: number | undefined
  /** What had been read by everybody before it was begun. */
  readonly notBefore: number
  isClosed: boolean
}

class Script {
  readonly log = new ScriptedLog()
  readonly hub: ScriptedHub
  readonly followers: Follower[] = []
  #turns: number
  /** Where the log ended when everybody had read all of it. */
  #settled = 0

  constructor(delivery: DeliveryPolicy, seed: number) {
    this.#turns = seed
    this.hub = new ScriptedHub({ feed: this.log, field: { delivery }, turnsOf: () => this.#random(4) })
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case 'emit':
        return this.log.emit(...Array.from({ length: step.count }, (_, index) => this.log.end + index + 1))
      case 'join':
        return this.#join(null, undefined)
      case 'reload':
        return void this.hub.reload()
      case 'cut':
        return this.log.cut(new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE'))
      case 'refuse':
        return this.#refuse(`Bearer ${this.#random(TOKENS)}`)
      case 'settle':
        return this.settle()
      case 'turn':
        return new Promise((resolve) => setImmediate(resolve))
      default:
        return this.#act(step)
    }
  }

  /** Whoever is under way by now has begun somewhere between its asking and now. */
  async settle(): Promise<void> {
    await this.hub.quiet()
    for (const follower of this.followers) {
      if (follower.after !== undefined) continue
      follower.after = this.#firstOf(follower) ?? this.log.end
      expect(follower.after).toBeGreaterThanOrEqual(follower.notBefore)
      expect(follower.after).toBeLessThanOrEqual(this.log.end)
    }
    this.#settled = this.log.end
  }

  /** Whoever ended without having left goes on from the cursor, until everybody has everything. */
  async finish(): Promise<void> {
    await this.settle()
    for (const follower of this.followers) this.#read(follower)
    await this.settle()
    for (const follower of [...this.followers]) if (follower.sink.lastWord !== null) this.#resume(follower)
    await this.settle()
  }

  leaveAll(): void {
    for (const { operation } of this.followers) operation.close()
  }

  #act({ kind, client: index }: Extract<Step, { client: number }>): void {
    const follower = this.followers[index % Math.max(this.followers.length, 1)]
    if (follower === undefined) return
    if (kind === 'slow') follower.sink.isSlow = true
    if (kind === 'drain') this.#read(follower)
    if (kind === 'renew') follower.operation.renew(this.#caller({ tier: this.#random(3) }))
    if (kind === 'close') follower.operation.close()
    if (kind === 'close') follower.isClosed = true
    if (kind === 'resume' && (follower.isClosed || follower.sink.lastWord !== null)) this.#resume(follower)
  }

  #read({ sink, operation }: Follower): void {
    sink.isSlow = false
    operation.drained()
  }

  #resume({ sink }: Follower): void {
    const { cursor } = sink
    if (cursor !== null) this.#join(cursor, numbersOf(sink).at(-1))
  }

  #join(cursor: string | null, after: number | undefined): void {
    this.followers.push({
      ...this.hub.join({ cursor, caller: this.#caller() }),
      after,
      notBefore: this.#settled,
      isClosed: false,
    })
  }

  /** One person, with one of a few tokens. */
  #caller(claims: Record<string, unknown> = {}): Caller {
    return { ...callerOf('ada', claims), authorization: `Bearer ${this.#random(TOKENS)}` }
  }

  /** A subgraph does from now on, or does no longer. */
  #refuse(token: string): void {
    if (!this.hub.refusedBySubgraph.delete(token)) this.hub.refusedBySubgraph.set(token, 'AUTH_TOKEN_INVALID')
  }

  #firstOf({ sink }: Follower): number | undefined {
    const first = sink.answers[0]
    return first === undefined ? undefined : Number(first.data?.['moved']) - 1 - (first.extensions?.gap?.missed ?? 0)
  }

  /** Numbers that a run repeats: https://en.wikipedia.org/wiki/Linear_congruential_generator */
  #random(below: number): number {
    this.#turns = (Math.imul(this.#turns, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((this.#turns / 2 ** 32) * below)
  }
}

function numbersOf({ answers }: ScriptedClient['sink']): number[] {
  return answers.map(({ data }) => Number(data?.['moved']))
}

async function play(delivery: DeliveryPolicy, check: (script: Script) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (each, turns) => {
      const script = new Script(delivery, turns)
      for (const step of each) await script.run(step)
      await script.finish()
      check(script)
      script.leaveAll()
      await script.hub.quiet()
      expect(script.hub.hub.size).toEqual({ members: 0, groups: 0, feeds: 0 })
      expect(script.log.openReaders).toBe(0)
    }),
    { numRuns: RUNS },
  )
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('whatever happens in whatever order', () => {
  it('a lossless stream has every event once, in order, or an end and a cursor that goes on to exactly the rest', async () => {
    await play({ mode: 'LOSSLESS' }, ({ followers, log }) => {
      for (const { sink, after = log.end, isClosed } of followers) {
        const told = numbersOf(sink)
        const last = isClosed || sink.lastWord !== null ? after + told.length : log.end
        expect(told).toEqual(range(after + 1, last))
        expect(sink.answers.filter(({ extensions }) => extensions?.gap !== undefined)).toEqual([])
      }
    })
  })

  it('a stream of the newest has the newest of every key, and is told of as many as it did not get', async () => {
    const keyOf = (payload: unknown) => String(Number(payload) % 3)
    await play({ mode: 'LATEST', keyOf }, ({ followers, log }) => {
      for (const { sink, after = log.end, isClosed } of followers) {
        let expected = after
        for (const { data, extensions } of sink.answers) {
          expected += 1 + (extensions?.gap?.missed ?? 0)
          expect(Number(data?.['moved'])).toBe(expected)
        }
        if (isClosed || sink.lastWord !== null) continue
        const newest = range(Math.max(after + 1, log.end - 2), log.end)
        expect(numbersOf(sink).slice(-newest.length)).toEqual(newest)
      }
    })
  })
})
