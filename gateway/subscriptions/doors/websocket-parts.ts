import type { IncomingHttpHeaders } from 'node:http'
import type { Logger } from '../../../platform/log/logger.js'
import type { GatewayPipeline } from '../../gateway-pipeline.js'
import type { Caller } from '../../gateway-request.js'
import type { OperationTypeOf } from '../../operation/operation-type.js'
import type { TextOf } from '../../operation/persisted-texts.js'
import type { OpenLive } from '../live/live-operation.js'
import type { TokenDesk } from './token-in-use.js'
import type { WebSocketLimits } from './websocket-limits.js'

/** Where a connection comes from. */
export interface SocketClient {
  /** Of the upgrade, but for those of the handshake itself. */
  readonly headers: IncomingHttpHeaders
  readonly address: string | null
}

/** Who is at the other end. Throws AppError for a token that is not accepted. */
export type AuthenticateSocket = (authorization: string | undefined, client: SocketClient) => Promise<Caller>

/** What all connections of a door share. */
export interface WebSocketParts {
  readonly pipeline: Pick<GatewayPipeline, 'executeIncrementally'>
  readonly textOf: TextOf
  readonly operationTypeOf: OperationTypeOf
  readonly openLive: OpenLive
  readonly authenticate: AuthenticateSocket
  readonly tokens: TokenDesk
  readonly limits: WebSocketLimits
  readonly logger: Logger
  /** How often the door's clock has ticked: time that no system clock can move. */
  readonly ticks: () => number
}
