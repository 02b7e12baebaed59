/**
 * `npm run bench [-- suite ...]`: measures the system, each figure beside a peer or a limit in the same run. Machines are
 * noisy: read the ratios.
 */
import { availableParallelism } from 'node:os'
import { benchHouse } from './house/suite.js'

const suites: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = { house: benchHouse }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in suites))
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(', ')}. There are: ${Object.keys(suites).join(', ')}.`)
  process.exit(1)
}
console.log(`Node ${process.version}, ${availableParallelism()} cores\n`)
for (const [name, run] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await run((line) => console.log(line))
}
