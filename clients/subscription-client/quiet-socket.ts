/**
 * The same WebSocket class with a listener for errors on every socket. graphql-ws takes its own off a socket that it gives
 * up while it still connects, and an error that nobody listens to ends a Node process.
 */
export function quietSocket(webSocketImpl: unknown): unknown {
  if (typeof webSocketImpl !== 'function') return webSocketImpl
  return new Proxy(webSocketImpl, {
    construct(target, args, newTarget) {
      const socket: unknown = Reflect.construct(target, args, newTarget)
      if (!isEventTarget(socket)) throw new TypeError('webSocketImpl is not a WebSocket class.')
      socket.addEventListener('error', () => {}) // what it says is told by the close event too
      return socket
    },
  })
}

interface ErrorTarget {
  addEventListener(type: 'error', listener: () => void): void
}

function isEventTarget(value: unknown): value is ErrorTarget {
  return typeof value === 'object' && value !== null && 'addEventListener' in value
}
