import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openEmbeddedPostgres } from '../../platform/database/embedded-postgres.js'
import { createLogger } from '../../platform/log/logger.js'
import type { PrivateServer } from './private-servers.js'

const run = promisify(execFile)
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
      await killFamily(Number(pidFile.split('\n')[0]))
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

/** Its backends too: one that is at work notices only later that its postmaster is gone, and may answer until then. */
async function killFamily(postmaster: number): Promise<void> {
  const family = (await processes()).filter(({ pid, parent }) => pid === postmaster || parent === postmaster)
  family.forEach(({ pid }) => killIfThere(pid))
  while ((await processes()).some(({ pid, gone }) => !gone && family.some((member) => member.pid === pid)))
    await setTimeout(20)
}

async function processes(): Promise<{ pid: number; parent: number; gone: boolean }[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat='])
  const rows = stdout.trim().split('\n')
  return rows.map((row) => {
    const [pid, parent, state] = row.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), gone: state?.startsWith('Z') ?? true }
  })
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
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
