import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy that can cut what runs through it where it hurts. */
export interface CuttingProxy {
  readonly port: number
  /** Connections cut so far, each within a frame. */
  readonly cuts: number
  /**
   * Of every connection lets through only a part of the next bytes from the server, then resets it. New connections run through,
   * also while others are yet to be cut.
   */
  cutWithinNextBytes(): void
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  isMarked: boolean
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const pairs = new Set<Pair>()
  let cuts = 0
  const end = (pair: Pair) => {
    pairs.delete(pair)
    pair.client.resetAndDestroy()
    pair.server.destroy()
  }
  const cut = (pair: Pair, chunk: Buffer) => {
    cuts += 1
    pair.isMarked = false
    pair.client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => end(pair))
  }
  const proxy = createServer((client) => {
    const pair: Pair = { client, server: connect(targetPort, '127.0.0.1'), isMarked: false }
    pairs.add(pair)
    client.on('data', (chunk) => pair.server.write(chunk))
    pair.server.on('data', (chunk) => (pair.isMarked ? cut(pair, chunk) : client.write(chunk)))
    for (const socket of [client, pair.server]) socket.on('error', () => end(pair)).on('close', () => end(pair))
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    port: (proxy.address() as AddressInfo).port,
    get cuts() {
      return cuts
    },
    cutWithinNextBytes() {
      for (const pair of pairs) pair.isMarked = true
    },
    async close() {
      proxy.close()
      for (const pair of [...pairs]) end(pair)
      await once(proxy, 'close')
    },
  }
}
