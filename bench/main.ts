/**
 * `npm run bench [-- suite ...]`: measures the system, each figure beside a peer or a limit in the same run. Machines are
 * noisy: read the ratios. For the suite `gateway`: `--seconds N --rounds N --only gateway,limit,apollo,hive,mercurius
 * --queries small,middle,deep`, `--requests N` for memory over so many requests, or `--attacks` for the
 * time it takes to refuse them. For `subscriptions`: `--seconds N --rounds N
 * --sockets N --streams N --only gateway,broadcast,stock`. For `biometric`: `--sizes 10000,100000,1000000 --threads N`.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { benchBiometric, readBiometricBenchOptions } from './biometric/suite.js'
import { benchGateway, readGatewayBenchOptions } from './gateway/suite.js'
import { benchHouse } from './house/suite.js'
import { benchIdentity } from './identity/suite.js'
import { benchSubscriptions, readSubscriptionsBenchOptions } from './subscriptions/suite.js'

const text = { type: 'string' } as const
const {
  values: { attacks = false, ...flags },
  positionals: wanted,
} = parseArgs({
  allowPositionals: true,
  options: {
    seconds: text,
    rounds: text,
    only: text,
    queries: text,
    requests: text,
    sockets: text,
    streams: text,
    sizes: text,
    threads: text,
    attacks: { type: 'boolean' },
  },
})

const suites: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = {
  house: benchHouse,
  identity: benchIdentity,
  biometric: (print) => benchBiometric(print, readBiometricBenchOptions(flags, availableParallelism())),
  gateway: (print) => benchGateway(print, readGatewayBenchOptions(flags, attacks)),
  subscriptions: (print) => benchSubscriptions(print, readSubscriptionsBenchOptions(flags)),
}

const unknown = wanted.filter((name) => !(name in suites))
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(suites).join(', ')}.`)
  process.exit(1)
}
console.log(`Node ${process.version}, ${availableParallelism()} cores\n`)
for (const [name, run] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await run((line) => console.log(line))
}
