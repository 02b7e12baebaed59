import { MessageType } from 'graphql-ws'
import type { Logger } from '../../../platform/log/logger.js'
import type { GatewayPipeline } from '../../gateway-pipeline.js'
import type { GatewayRequest } from '../../gateway-request.js'
import type { IncrementalSpec } from '../../incremental/incremental-result.js'
import { refusalFor, runOperation, type OperationResult } from '../run-operation.js'
import type { OperationHost, SocketOperation } from './socket-operation.js'
import type { TokenInUse } from './token-in-use.js'

export interface AnswerParts {
  readonly pipeline: Pick<GatewayPipeline, 'executeIncrementally'>
  readonly logger: Logger
}

/** A query or mutation on a WebSocket: one answer, or with `@defer` one in parts, each when the client has read what came before. */
export class WebSocketAnswer implements SocketOperation {
  readonly id: string
  readonly token: TokenInUse
  readonly #host: OperationHost
  #results: AsyncGenerator<OperationResult, void, void> | null = null
  #isReleased = false

  constructor(id: string, token: TokenInUse, host: OperationHost) {
    this.id = id
    this.token = token
    this.#host = host
  }

  /** Never rejects. */
  async run(
    { pipeline, logger }: AnswerParts,
    request: Omit<GatewayRequest, 'signal'>,
    incrementalSpec: IncrementalSpec,
  ): Promise<void> {
    this.#results = runOperation({ pipeline, request, incrementalSpec, logger })
    try {
      for await (const payload of this.#results) {
        if (this.#isReleased) return
        this.#host.send({ id: this.id, type: MessageType.Next, payload })
        await new Promise<void>((resolve) => this.#host.whenRead(resolve))
      }
      this.#end({ id: this.id, type: MessageType.Complete })
    } catch (error) {
      const { errors } = refusalFor(error, logger)
      this.#end({ id: this.id, type: MessageType.Error, payload: errors.map((refusal) => refusal.toJSON()) })
    }
  }

  release(): void {
    this.#isReleased = true
    this.#results?.return().catch(() => {}) // what fails now is for nobody
  }

  /** It was begun with a good token, and may have changed things: its answer is told. */
  tokenEnded(): void {}
  renewed(): void {}

  #end(lastWord: object): void {
    if (this.#isReleased) return
    this.#host.forget(this)
    this.#host.send(lastWord)
  }
}
