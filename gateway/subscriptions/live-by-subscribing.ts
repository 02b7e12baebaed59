import type { ErrorCode } from '../../platform/errors/error-codes.js'
import { gatewayError, gatewayErrorFrom } from '../gateway-error.js'
import type { GatewayPipeline } from '../gateway-pipeline.js'
import type { LiveOperation, LiveRequest, LiveSink, OpenLive } from './live/live-operation.js'

/**
 * The hub's port over a pipeline that subscribes for each client alone: every client has an execution of its own, there are
 * no cursors, and a renewed token changes nothing of what runs.
 */
export function liveBySubscribing(pipeline: Pick<GatewayPipeline, 'subscribe'>): OpenLive {
  return (request, sink) => {
    const run = new SubscribedOperation(request, sink)
    void run.begin(pipeline)
    return run
  }
}

class SubscribedOperation implements LiveOperation {
  readonly #abort = new AbortController()
  readonly #request: LiveRequest
  readonly #sink: LiveSink
  #isOver = false
  #drain: (() => void) | null = null

  constructor(request: LiveRequest, sink: LiveSink) {
    this.#request = request
    this.#sink = sink
  }

  async begin(pipeline: Pick<GatewayPipeline, 'subscribe'>): Promise<void> {
    try {
      const opened = await pipeline.subscribe({ ...this.#request, signal: this.#abort.signal })
      if (!(Symbol.asyncIterator in opened)) return this.#refuse(opened.errors ?? [])
      if (this.#isOver) return void (await opened.return())
      this.#abort.signal.addEventListener('abort', () => void opened.return().catch(() => undefined))
      for await (const result of opened) {
        if (this.#isOver) return
        if (this.#sink.next({ head: Buffer.from(JSON.stringify(result)) }, '')) continue
        await new Promise<void>((resolve) => (this.#drain = resolve))
      }
      if (this.#isOver) return
      this.#isOver = true
      this.#sink.complete()
    } catch (error) {
      this.#refuse([gatewayErrorFrom(error, this.#request.ids)])
    }
  }

  drained(): void {
    this.#drain?.()
  }

  renew(): void {}

  end(code: ErrorCode): void {
    this.#refuse([gatewayError(code, this.#request.ids)])
    this.#abort.abort()
  }

  close(): void {
    this.#isOver = true
    this.#abort.abort()
    this.#drain?.()
  }

  #refuse(errors: readonly { toJSON(): object }[]): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#sink.error(errors.map((error) => ({ message: '', ...error.toJSON() })))
  }
}
