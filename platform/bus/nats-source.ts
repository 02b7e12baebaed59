import type { ConsumerInfo, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import { EventsLostError } from './bus.js'
import { assertReachable, stateOf } from './nats-log-state.js'
import { consumerAfter, sentBy, type FirstRead, type FollowedStream } from './nats-ordered-consumer.js'
import type { NatsParts } from './nats-parts.js'
import { createRetries, type Retries } from './nats-retries.js'

const READ_AHEAD = 128 // events buffered for a reader that is slower than the log

export interface SourceStart extends FirstRead {
  readonly log: string
}

/**
 * Messages in log order, through a consumer without acknowledgements that is made anew, right after the last message handed
 * over, whenever one is missing in its count, the connection was lost, or somebody has deleted it.
 */
export class NatsSource {
  readonly #parts: NatsParts
  readonly #followed: FollowedStream
  readonly #log: string
  readonly #retries: Retries
  readonly #forget: () => void
  /** Everything up to here was handed over, or is of other subjects. */
  #cursor: number
  #consumer: ConsumerInfo | undefined
  #delivered = 0
  #isBehind = false
  #isStopped = false
  #pull: ConsumerMessages | undefined

  constructor(parts: NatsParts, followed: FollowedStream, { log, cursor, consumer }: SourceStart) {
    this.#parts = parts
    this.#followed = followed
    this.#log = log
    this.#cursor = cursor
    this.#consumer = consumer
    this.#retries = createRetries(parts.logger, followed, parts.followerTimes.goneMs)
    this.#forget = parts.link.onReconnect(() => this.#renew())
  }

  /** Throws EventsLostError and StreamGoneError. */
  async *messages(): AsyncGenerator<JsMsg, void, void> {
    while (!this.#isStopped) {
      try {
        yield* this.#batch()
      } catch (error) {
        if (this.#isStopped) return
        this.#renew()
        if (error instanceof EventsLostError) throw error
        await this.#retries.wait(error)
      }
    }
  }

  /** As of a Reading. */
  async isCurrent(): Promise<boolean> {
    const asked = this.#consumer
    if (asked === undefined) return false
    return (await sentBy(this.#parts, this.#followed, asked.name)) === this.#delivered && asked === this.#consumer
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#retries.stop()
    this.#forget()
    this.#renew()
  }

  async *#batch(): AsyncGenerator<JsMsg, void, void> {
    const { client, followerTimes } = this.#parts
    const from = client.consumers.getConsumerFromInfo(await this.#current())
    const before = this.#delivered
    const { pullMs: expires, heartbeatMs: idle_heartbeat } = followerTimes
    this.#pull = await from.fetch({ max_messages: READ_AHEAD, expires, idle_heartbeat })
    if (this.#isStopped) return this.#pull.stop()
    for await (const message of this.#pull) {
      const { deliverySequence, streamSequence, pending } = message.info
      if (this.#isStopped || deliverySequence !== this.#delivered + 1) return this.#renew()
      // the server passes over what it has let go of while this reader was slow, without a word
      if (this.#isBehind && this.#delivered === before && streamSequence > this.#cursor + 1)
        await this.#assertReachable()
      this.#delivered += 1
      this.#cursor = streamSequence
      this.#isBehind = pending > 0
      yield message
    }
    if (!this.#isStopped && this.#delivered === before) await this.#rest()
  }

  async #current(): Promise<ConsumerInfo> {
    if (this.#consumer !== undefined) return this.#consumer
    await this.#assertReachable()
    const made = await consumerAfter(this.#parts, this.#followed, this.#cursor)
    this.#consumer = made
    this.#delivered = 0
    this.#retries.succeed()
    return made
  }

  /** Throws EventsLostError where the log was cut short, or is another by now. */
  async #assertReachable(): Promise<void> {
    const state = await stateOf(this.#parts, this.#followed.stream)
    if (state.log !== this.#log) throw new EventsLostError()
    assertReachable(state, this.#cursor)
  }

  /** What others have stored meanwhile is not to be missed: the log may let go of it before there is anything new here. */
  async #rest(): Promise<void> {
    const { log, last } = await stateOf(this.#parts, this.#followed.stream)
    if (this.#isStopped || log !== this.#log || !(await this.isCurrent())) return
    this.#cursor = Math.max(this.#cursor, last)
    this.#parts.logger.debug({ ...this.#followed, cursor: this.#cursor }, 'there is nothing new for a follower')
  }

  #renew(): void {
    const { manager } = this.#parts
    if (this.#consumer !== undefined) {
      manager.consumers.delete(this.#followed.stream, this.#consumer.name).catch(() => undefined) // else it expires
    }
    this.#consumer = undefined
    this.#pull?.stop()
  }
}
