/**
 * `npm run bench -- gateway --attacks`: how long a gateway in production takes to refuse each attack, over HTTP, from a cold
 * process: the first time, and the median of later ones. Beside it what a bare Node server takes to read and answer the same.
 */
import path from 'node:path'
import { projectRoot } from '../../platform/service/project-root.js'
import { median } from '../load.js'
import { attacks } from './attacks.js'
import { competitors, type Competitor, type Situation } from './competitors.js'
import { startMeasured, type MeasuredProcess } from './measured-process.js'

const ROUNDS = 60

const bare: Competitor = {
  name: 'bare Node',
  command: (situation) => [path.join(projectRoot, 'bench', 'gateway', 'answer-process.mjs'), JSON.stringify(situation)],
  environment: { NODE_ENV: 'production' },
}

interface Figures {
  readonly firstMs: number
  readonly medianMs: number
  readonly worstMs: number
  /** Of its processor, of the first and of each later one: what the rest of the machine hardly disturbs. */
  readonly firstCpuMs: number
  readonly cpuMs: number
}

export async function measureRefusals(print: (line: string) => void, place: Omit<Situation, 'port'>): Promise<void> {
  const { gateway } = competitors
  if (gateway === undefined) throw new Error('no gateway')
  const ours = await startMeasured(gateway, place)
  const theirs = await startMeasured(bare, place)
  try {
    print(
      'Milliseconds to refuse an attack: first hit, median and worst of 60 more, processor time of the first hit and of a later one; in brackets bare Node reading and answering it',
    )
    for (const [name, body] of Object.entries(attacks)) {
      const refused = await measure(ours, body, (answer) => !answer.includes('"data"') && answer.includes('"code":'))
      const answered = await measure(theirs, body, () => true)
      print(`  ${name.padEnd(28)}${row(refused)}   (${row(answered)})`)
    }
  } finally {
    await ours.close()
    await theirs.close()
  }
}

async function measure(
  { port, cpuMs }: MeasuredProcess,
  body: string,
  isRight: (answer: string) => boolean,
): Promise<Figures> {
  const samples: number[] = []
  const before = cpuMs() ?? NaN
  let afterFirst = NaN
  for (let round = 0; round <= ROUNDS; round += 1) {
    const started = performance.now()
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body })
    const answer = await response.text()
    samples.push(performance.now() - started)
    if (round === 0) afterFirst = cpuMs() ?? NaN
    if (!isRight(answer)) throw new Error(`not refused with a code: ${answer.slice(0, 300)}`)
  }
  const [firstMs = 0, ...later] = samples
  return {
    firstMs,
    medianMs: median(later),
    worstMs: Math.max(...later),
    firstCpuMs: afterFirst - before,
    cpuMs: ((cpuMs() ?? NaN) - afterFirst) / ROUNDS,
  }
}

function row({ firstMs, medianMs, worstMs, firstCpuMs, cpuMs }: Figures): string {
  return [firstMs, medianMs, worstMs, firstCpuMs, cpuMs].map((value) => value.toFixed(1).padStart(7)).join('')
}
