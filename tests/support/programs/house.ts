/** A process that runs the whole house until it is killed: tests kill it. Its one argument is its environment, as JSON; it prints the gateway's port when it listens. */
import { z } from 'zod'
import { readLauncherConfig } from '../../../launcher/config.js'
import { startHouse } from '../../../launcher/start-house.js'
import { createLogger } from '../../../platform/log/logger.js'

const environment = z.record(z.string(), z.string()).parse(JSON.parse(process.argv[2] ?? ''))
const house = await startHouse(readLauncherConfig(environment), createLogger({ service: 'house', level: 'silent' }))
process.stdout.write(`${house.ports.gateway}\n`)
