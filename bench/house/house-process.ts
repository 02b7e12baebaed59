/** The whole house in a process of its own, for a benchmark: prints its ports as one line of JSON when it is ready. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readLauncherConfig } from '../../launcher/config.js'
import { startHouse } from '../../launcher/start-house.js'
import { createLogger } from '../../platform/log/logger.js'

const folder = await mkdtemp(path.join(tmpdir(), 'bench-house-'))
const ports = ['GATEWAY', 'AUTH', 'USER', 'CONTENT', 'AI', 'BIOMETRIC', 'WEB'].map((name) => [`${name}_PORT`, '0'])
const house = await startHouse(
  readLauncherConfig({ ...Object.fromEntries(ports), DATA_FOLDER: folder }),
  createLogger({ service: 'bench', level: 'error' }),
)
console.log(JSON.stringify(house.ports))
process.once('SIGTERM', () => {
  void house
    .close()
    .then(() => rm(folder, { recursive: true, force: true }))
    .then(() => process.exit(0))
})
