import { AppError } from '../../../platform/errors/app-error.js'
import type { ErrorCode } from '../../../platform/errors/error-codes.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { Caller } from '../../gateway-request.js'
import { endReason, lastWords } from './last-words.js'
import { tailFor, type KeptAnswer, type LiveAnswer } from './live-answer.js'
import type { GroupMember, LiveGroup } from './live-group.js'
import type { EndReason, LiveMetrics } from './live-metrics.js'
import type { LiveOperation, LiveRequest, LiveSink } from './live-operation.js'
import type { PreparedLive } from './live-pipeline.js'
import { BEGINNING, type Ending } from './shared-feed.js'
import type { HeldFeed } from './shared-feeds.js'

/** What a member needs of its hub. */
export interface MemberHost {
  readonly metrics: LiveMetrics
  readonly logger: Logger
  /** Finds it a place anew; it stays where it is meanwhile. */
  replace(member: LiveMember): void
  /** Brings it from where it stands to where its group is. */
  catchUp(member: LiveMember, group: LiveGroup): void
  leave(member: LiveMember, group: LiveGroup): void
  /** It has ended; `held` is the feed it held. */
  forget(member: LiveMember, held: HeldFeed | null): void
}

/** `waiting`: for the client to read again. `behind`: on its way to where its group is. */
type MemberState = 'opening' | 'live' | 'behind' | 'waiting' | 'over'

/** What became of an answer that was given: more may follow, once the client reads again, or never. */
export type Given = 'more' | 'slow' | 'over'

const BATCH = 64 // kept answers given in one turn of the event loop

/** One client's subscription: a position, and what happens to it. One of these a client: nothing here may grow. */
export class LiveMember implements LiveOperation, GroupMember {
  place = 0
  /** It has been given everything up to here. */
  position = BEGINNING
  state: MemberState = 'opening'
  request: LiveRequest
  group: LiveGroup | null = null
  /** The feed its position is in, held until it ends or moves to another. */
  held: HeldFeed | null = null
  /** Of its cursors; null until one is needed. */
  binding: string | null = null
  /** Whether its next answer comes from another source than the one before, so that what was told just then may be missing. */
  hasChangedSource = false
  /** Counts its ways behind the group: a later one makes an earlier one stop. */
  course = 0
  /** Answers it was given on its way from a cursor; null for one that began without, or has arrived. */
  replayed: number | null = null
  /** While it is being placed: aborted when it ends meanwhile. */
  placing: AbortController | null = null
  /** Whether it must be placed once more. */
  isMisplaced = false
  /** Set while a way behind the group waits for the client. */
  wake: (() => void) | null = null
  readonly host: MemberHost
  readonly #sink: LiveSink
  /** Of the newest event it has been given or told of, as its group counts them where some may be left out; -1 while it has no place among them. */
  #ordinal = -1
  #tail = ''
  #isSlow = false
  #abort: AbortController | null = null
  /** Undefined for none. */
  #refusedToken: string | null | undefined = undefined

  constructor(request: LiveRequest, sink: LiveSink, host: MemberHost) {
    this.request = request
    this.#sink = sink
    this.host = host
  }

  get lastsUntil(): number {
    return this.request.caller.principal?.expiresAtSeconds ?? Infinity
  }

  get authorization(): string | null {
    return this.request.caller.authorization
  }

  get isApart(): boolean {
    return this.#refusedToken === this.authorization
  }

  get isOver(): boolean {
    return this.state === 'over'
  }

  /** For what is opened to catch up: aborted when it leaves its group. */
  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal
  }

  /** Everything up to here concerns it no more, given or not meant for it. */
  get standing(): number {
    if (this.state !== 'live' || this.group === null || !this.group.fanOut.isIdle) return this.position
    return Math.max(this.position, this.group.settled)
  }

  /** From its old group, if any, to this one that it has joined, at its position. */
  enter(group: LiveGroup): void {
    this.group = group
    this.#ordinal = -1
    this.#tail = tailFor(group.options.field.feed.isLog ? this.binding : null, 0)
    this.state = 'waiting'
    if (!this.#isSlow) this.drained()
  }

  /** Out of its group, to enter another in the same turn, or to end. */
  quit(): void {
    const { group } = this
    if (group === null) return
    this.position = this.standing
    this.state = 'waiting'
    this.course += 1
    this.group = null
    this.wake?.()
    this.#abort?.abort()
    this.#abort = null
    this.host.leave(this, group)
  }

  take(kept: KeptAnswer): boolean {
    if (this.position >= kept.sequence || this.state !== 'live') return false
    if (this.#giveKept(kept) === 'slow') this.#wait()
    return true
  }

  /** An answer on its way behind the group, right after its position. */
  give(answer: LiveAnswer): Given {
    this.#ordinal = -1
    this.#countAlone(answer)
    return this.#give(answer, 0)
  }

  /** Its first answer, which is of no event: how things stand. */
  giveFirst(answer: LiveAnswer): Given {
    return this.#hand(answer.message, tailFor(this.binding, 0), answer.isLast)
  }

  /**
   * What its group keeps and it has not had, then it is live; all in this turn of the event loop, so that nothing comes
   * between. `uncovered` where the group does not reach back to its position, `more` where the loop must breathe.
   */
  readKept(): 'live' | 'uncovered' | Given {
    const { group } = this
    if (group === null) return 'over'
    const { kept, options } = group
    const isLatest = options.field.delivery.mode === 'LATEST'
    if (kept.coversFrom > this.position && !(isLatest && this.#ordinal >= 0)) return 'uncovered'
    if (isLatest && this.#ordinal < 0) {
      const ordinal = group.ordinalAt(this.position)
      if (ordinal === null) return 'uncovered'
      this.#ordinal = ordinal
    }
    const answers = kept.after(this.position, BATCH)
    for (const each of answers) {
      this.#countAlone(each)
      const given = this.#giveKept(each)
      if (given === 'slow') this.#wait()
      if (given !== 'more') return given
    }
    if (answers.length === BATCH) return 'more'
    this.#arrive(group)
    return 'live'
  }

  /** Whether it is to be told where it begins. */
  get asksForBeginning(): boolean {
    return this.#sink.begun !== undefined
  }

  /** `head`: of the cursor, for everybody at its position. */
  tellBeginning(head: string): void {
    this.#tell(() => this.#sink.begun?.(`${head}${this.binding ?? ''}`))
  }

  drained(): void {
    this.#isSlow = false
    if (this.wake !== null) return this.wake()
    if (this.state !== 'waiting' || this.group === null) return
    this.state = 'behind'
    this.course += 1
    const { group } = this
    const read = this.readKept()
    if (read === 'uncovered' || read === 'more') this.host.catchUp(this, group)
  }

  renew(caller: Caller): void {
    if (this.isOver) return
    this.request = { ...this.request, caller }
    this.host.replace(this)
  }

  readmit(prepared: PreparedLive): PreparedLive | Promise<PreparedLive> {
    return prepared.readmit(this.request)
  }

  moveOn(): void {
    this.quit()
    this.host.replace(this)
  }

  standAlone(): void {
    this.#refusedToken = this.authorization
    this.moveOn()
  }

  finish({ error }: Ending): void {
    if (error !== null) return this.fail(error)
    if (this.#leave('complete')) this.#tell(() => this.#sink.complete())
  }

  fail(error: unknown): void {
    if (!this.#leave(endReason(error))) return
    this.#tell(() => this.#sink.error(lastWords(error, this.request.ids, this.host.logger)))
  }

  end(code: ErrorCode): void {
    this.fail(new AppError(code))
  }

  close(why: 'client' | 'shutdown' = 'client'): void {
    this.#leave(why)
  }

  #arrive(group: LiveGroup): void {
    if (group.ending !== null) return this.finish(group.ending)
    this.state = 'live'
    group.fanOut.add(this)
    if (this.replayed !== null) this.host.metrics.resumed(this.replayed)
    this.replayed = null
    this.#abort = null
  }

  #wait(): void {
    this.state = 'waiting'
    this.group?.fanOut.remove(this)
  }

  /** What is given to everybody at once is counted by the group. */
  #countAlone({ receivedAt }: LiveAnswer): void {
    this.host.metrics.delivered(1, performance.now() - receivedAt)
  }

  #giveKept(kept: KeptAnswer): Given {
    const { ordinal, leftOut } = kept
    const missed = this.#ordinal < 0 ? 0 : ordinal - this.#ordinal - 1
    if (missed > leftOut) this.host.metrics.dropped(missed - leftOut, 'client')
    this.#ordinal = ordinal
    return this.#give(kept, missed)
  }

  #give(answer: LiveAnswer, missed: number): Given {
    this.position = answer.sequence
    if (this.replayed !== null) this.replayed += 1
    const isUncertain = answer.isAfterLoss || this.hasChangedSource
    if (missed === 0 && !isUncertain) return this.#hand(answer.message, this.#tail, answer.isLast)
    this.hasChangedSource = false
    this.host.metrics.gapTold()
    return this.#handGap(answer, isUncertain ? null : missed)
  }

  #handGap(answer: LiveAnswer, missed: number | null): Given {
    const binding = this.#tail === '' ? null : this.binding
    return this.#hand(answer.gapMessage(), tailFor(binding, missed), answer.isLast)
  }

  #hand(message: LiveAnswer['message'], tail: string, isLast: boolean): Given {
    let reads = false
    try {
      reads = this.#sink.next(message, tail)
    } catch (error) {
      this.host.logger.error({ err: error }, 'a door failed to take an answer')
      this.close()
    }
    if (this.isOver) return 'over'
    if (isLast) {
      this.finish({ error: null })
      return 'over'
    }
    this.#isSlow = !reads
    return reads ? 'more' : 'slow'
  }

  /** A door's fault is its own client's alone. */
  #tell(word: () => void): void {
    try {
      word()
    } catch (error) {
      this.host.logger.error({ err: error }, 'a door failed to take a word')
    }
  }

  /** False when it had left already. */
  #leave(reason: EndReason): boolean {
    if (this.isOver) return false
    this.quit()
    this.state = 'over'
    this.placing?.abort()
    this.host.forget(this, this.held)
    this.held = null
    this.host.metrics.operationEnded(reason)
    return true
  }
}
