/** A process that runs an embedded Postgres until it is killed: tests kill it. Its one argument is the folder. */
import { openEmbeddedPostgres } from '../../../platform/database/embedded-postgres.js'
import { createLogger } from '../../../platform/log/logger.js'

const server = await openEmbeddedPostgres({
  folder: process.argv[2] ?? '',
  logger: createLogger({ service: 'holder', level: 'silent' }),
})
process.once('SIGTERM', () => void server.close().then(() => process.exit(0)))
process.stdout.write(`${server.url}\n`)
setInterval(() => {}, 60_000)
