import type { SocketOperation } from './socket-operation.js'
import type { TokenInUse } from './token-in-use.js'

/** Keeps an operation's id while the token it brought is verified. */
export class WebSocketReservation implements SocketOperation {
  readonly id: string
  readonly token: TokenInUse

  constructor(id: string, token: TokenInUse) {
    this.id = id
    this.token = token
  }

  tokenEnded(): void {}
  renewed(): void {}
  release(): void {}
}
