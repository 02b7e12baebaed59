import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.js'
import { createLogger } from '../../platform/log/logger.js'
import type { PrivateServer } from './private-servers.js'

const logger = createLogger({ service: 'tests', level: 'silent' })

/** A Postgres of this test's own that may be killed. Its address stays the same though it comes back on another port. */
export async function startPostgres(): Promise<PrivateServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'private-postgres-'))
  let postgres = await openEmbeddedPostgres({ folder, logger })
  const door = await openDoor(() => postgres.port)
  const url = new URL(postgres.url)
  url.port = String(door.port)
  return {
    url: url.toString(),
    async kill() {
      const pidFile = await readFile(path.join(folder, 'cluster', 'postmaster.pid'), 'utf8')
      process.kill(Number(pidFile.split('\n')[0]), 'SIGKILL')
      await everyBackendLeft(postgres.port)
    },
    async restart() {
      await postgres.close()
      postgres = await openEmbeddedPostgres({ folder, logger })
    },
    async close() {
      door.close()
      await postgres.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A backend leaves when its postmaster is gone: a socket that is not answered any more is closed. */
function everyBackendLeft(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  return new Promise((resolve) => socket.on('close', () => resolve()))
}

async function openDoor(port: () => number): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port(), '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      server.close()
      sockets.forEach((socket) => socket.destroy())
    },
  }
}
