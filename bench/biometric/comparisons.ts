import { createHash } from 'node:crypto'
import { createPrintMatcher } from '../../subgraphs/biometric/domain/fingerprint/match-prints.js'
import { decodeMinutiae } from '../../subgraphs/biometric/domain/fingerprint/minutiae.js'
import { createPrint } from '../../subgraphs/biometric/domain/fingerprint/print.js'
import { modalities } from '../../subgraphs/biometric/domain/modalities.js'
import { requireModality, type CapturedSample } from '../../subgraphs/biometric/domain/modality.js'
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import {
  embeddingRecipes,
  sampleAround,
  syntheticDirection,
} from '../../subgraphs/biometric/synthetic/synthetic-embeddings.js'
import {
  impressionLevels,
  impressionOf,
  syntheticFinger,
} from '../../subgraphs/biometric/synthetic/synthetic-fingers.js'
import { capturedAgain, syntheticIris } from '../../subgraphs/biometric/synthetic/synthetic-irises.js'

const PERSONS = 60
const LEAST_MS = 1_000 // of processor time a row; as much again before it, until the code is compiled
const random = createRandomSource(5)
const { easyFace } = embeddingRecipes

/** Two samples of one person, another one's each time. */
const captures = {
  FACE: () => {
    const mean = syntheticDirection(easyFace, random)
    return [1, 2].map(() => ({ embedding: [...sampleAround(mean, easyFace, random)] }))
  },
  IRIS: () => {
    const iris = syntheticIris(random)
    return [{ iris }, { iris: capturedAgain(iris, random) }]
  },
  FINGERPRINT: () => {
    const finger = syntheticFinger(random)
    return [1, 2].map(() => ({ minutiae: impressionOf(finger, impressionLevels.medium, random) }))
  },
} as const satisfies Partial<Record<string, () => CapturedSample[]>>

interface Pair {
  readonly enrolled: Uint8Array
  readonly probe: Uint8Array
}

/** Comparisons of two templates, as the service makes them, a second of one core's time; half of them of one person's. Prints a table. */
export async function benchComparisons(print: (line: string) => void): Promise<void> {
  print('Comparisons of two templates, in a second of one core:')
  for (const type of ['FACE', 'IRIS', 'FINGERPRINT'] as const) {
    const modality = requireModality(modalities, type)
    const people = Array.from({ length: PERSONS }, () =>
      captures[type]().map((sample) => modality.prepare(sample).template),
    )
    const pairs = pairsOf(people)
    const rate = await rateOf(pairs, ({ enrolled, probe }) => modality.compare(enrolled, probe))
    const hashes = await rateOf(pairs, async ({ enrolled }) => createHash('sha256').update(enrolled).digest())
    print(row(type.toLowerCase(), rate, hashes))
    if (type !== 'FINGERPRINT') continue
    const ready = pairs.map(({ enrolled, probe }) => ({
      matcher: createPrintMatcher(printOf(probe)),
      candidate: printOf(enrolled),
    }))
    const readyRate = await rateOf(ready, async ({ matcher, candidate }) => matcher.scoreAgainst(candidate))
    print(row('fingerprint, both ready', readyRate, hashes))
  }
}

function pairsOf(people: readonly (readonly Uint8Array[])[]): readonly Pair[] {
  return people.flatMap(([enrolled, probe], index) => {
    const stranger = people[(index + 1) % people.length]?.[1]
    if (enrolled === undefined || probe === undefined || stranger === undefined) return []
    return [
      { enrolled, probe },
      { enrolled, probe: stranger },
    ]
  })
}

function printOf(template: Uint8Array) {
  return createPrint(decodeMinutiae(template))
}

/** Runs in a second of this process's time on the processor, whatever else the machine does meanwhile. */
async function rateOf<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<number> {
  await countFor(items, run)
  const before = process.cpuUsage()
  const count = await countFor(items, run)
  const { user, system } = process.cpuUsage(before)
  return (1e6 * count) / (user + system)
}

async function countFor<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  let count = 0
  for (let spentMs = 0; spentMs < LEAST_MS;) {
    for (const item of items) await run(item)
    count += items.length
    const { user, system } = process.cpuUsage(before)
    spentMs = (user + system) / 1000
  }
  return count
}

function row(name: string, rate: number, hashes: number): string {
  const ratio = hashes / rate
  return `  ${name.padEnd(24)} ${String(Math.round(rate)).padStart(9)}; SHA-256 of the template ${Math.round(hashes)} (${ratio.toFixed(1)} times)`
}
