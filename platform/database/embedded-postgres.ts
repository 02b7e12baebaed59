/**
 * A real Postgres with nothing installed. In: a folder of its own. Out: the address of a server on a free loopback port,
 * behind a generated password, with its data in that folder. It refuses, with one message that names the remedy, a folder
 * that another process uses, that belongs to another user, or that is broken.
 *
 * The folder holds `cluster` (the data), `password`, `owner` (the pid of who opened it) and `server.log`. The server runs in
 * a session of its own: Ctrl-C in the terminal does not reach it, so that whoever opened it stops it last. When that process
 * is killed the server lives on, and the next one takes it over.
 */
import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Logger } from '../log/logger.js'
import { accountFor } from './embedded-account.js'
import { locateBinaries } from './embedded-binaries.js'
import { claimServer, ServerLeftError } from './embedded-claim.js'
import { ensureCluster, pathsIn } from './embedded-cluster.js'
import { foreignFolder, isPermissionFault } from './embedded-faults.js'
import { obtainServer, stopServer, type RunningServer } from './embedded-server.js'

export interface EmbeddedPostgres {
  /** Carries the password: not for logs. */
  readonly url: string
  readonly port: number
  /** True where a server was found running whose process had been killed. */
  readonly takenOver: boolean
  /** Stops the server; connections still open are ended. */
  close(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** Made when it does not exist. */
  readonly folder: string
  readonly logger: Logger
}

const CLAIM_TRIES = 10 // a killed server is gone within the first

/** Throws StartupError. */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const paths = pathsIn(path.resolve(options.folder))
  const binaries = await locateBinaries()
  try {
    await mkdir(paths.folder, { recursive: true })
    await chmod(paths.folder, 0o711) // the server may run as another account: it passes through, and reads only its cluster
    const account = await accountFor(paths.folder, binaries)
    const password = await ensureCluster(paths, binaries, account)
    for (let attempt = 1; ; attempt += 1) {
      const server = await obtainServer(paths, binaries, account)
      const url = `postgresql://postgres:${password}@127.0.0.1:${server.port}/postgres`
      try {
        const claim = await claimServer(url, server, paths)
        return opened({ url, server, claim, cluster: paths.cluster, logger: options.logger })
      } catch (error) {
        if (!(error instanceof ServerLeftError) || attempt === CLAIM_TRIES) throw error
        await delay(100)
      }
    }
  } catch (error) {
    throw isPermissionFault(error) ? foreignFolder(paths, error) : error
  }
}

interface Opened {
  readonly url: string
  readonly server: RunningServer
  readonly claim: pg.Client
  readonly cluster: string
  readonly logger: Logger
}

function opened({ url, server, claim, cluster, logger }: Opened): EmbeddedPostgres {
  let closing: Promise<void> | undefined
  claim.on('error', ({ message }) => {
    if (closing === undefined)
      logger.error({ reason: message }, 'the embedded Postgres has stopped: stop and start again')
  })
  const close = async () => {
    await claim.end().catch(() => undefined) // a server that is gone already holds no claim
    await stopServer(server.pid, cluster)
  }
  return { url, port: server.port, takenOver: server.found, close: () => (closing ??= close()) }
}
