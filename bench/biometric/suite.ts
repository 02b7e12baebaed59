import { encodeUnitVector } from '../../subgraphs/biometric/domain/embedding.js'
import { createEmbeddingGallery } from '../../subgraphs/biometric/search/embedding-gallery.js'
import { createKeyedRotation } from '../../subgraphs/biometric/search/keyed-rotation.js'
import { createSearchMemory } from '../../subgraphs/biometric/search/search-memory.js'
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import {
  embeddingRecipes,
  sampleAround,
  syntheticDirection,
} from '../../subgraphs/biometric/synthetic/synthetic-embeddings.js'
import { createMatchPool, type MatchPool } from '../../subgraphs/biometric/workers/match-pool.js'
import { median, percentile } from '../load.js'
import { benchComparisons } from './comparisons.js'

const { easyFace } = embeddingRecipes
const DIMENSION = easyFace.dimension
const FLOOR = 0.2 // above what strangers reach among a hundred thousand, mostly; mates reach 0.665 +- 0.074
const SEARCHES = 100
const JAVASCRIPT_SEARCHES = 5
const MOST_PLAIN_ROWS = 100_000 // of the peers; more would take gigabytes, so their time is scaled up to the size

export interface BiometricBenchOptions {
  /** Sizes of galleries. */
  readonly sizes: readonly number[]
  readonly threads: number
}

/**
 * Two templates; then one face against galleries, beside the same in plain JavaScript and beside what memory gives in the same
 * run. Prints a table of each.
 */
export async function benchBiometric(
  print: (line: string) => void,
  { sizes, threads }: BiometricBenchOptions,
): Promise<void> {
  await benchComparisons(print)
  const pool = createMatchPool({ threads, places: 4 * threads, deadlineMs: 120_000 })
  try {
    print(`One face of ${DIMENSION} numbers against many, by ${threads} threads; milliseconds:`)
    for (const size of sizes) await benchSize(print, pool, size)
  } finally {
    await pool.close()
  }
}

async function benchSize(print: (line: string) => void, pool: MatchPool, size: number): Promise<void> {
  const random = createRandomSource(size)
  const search = createSearchMemory(Math.ceil(1.1 * size * 5.1 * DIMENSION) + 16 * 1_048_576)
  const gallery = createEmbeddingGallery(
    { pool, search },
    DIMENSION,
    createKeyedRotation(new Uint8Array(32), DIMENSION),
  )
  const plain = new Float32Array(Math.min(size, MOST_PLAIN_ROWS) * DIMENSION)
  const scale = (size * DIMENSION) / plain.length
  const people: { readonly record: string; readonly mean: Float64Array }[] = []
  for (let row = 0; row < size; row += 1) {
    const mean = syntheticDirection(easyFace, random)
    const isSearched = row % Math.max(1, Math.floor(size / SEARCHES)) === 0
    const sample = isSearched ? sampleAround(mean, easyFace, random) : mean
    const record = crypto.randomUUID()
    gallery.put(record, encodeUnitVector([...sample]))
    if (row < MOST_PLAIN_ROWS) plain.set(sample, row * DIMENSION)
    if (isSearched) people.push({ record, mean })
  }
  let atFirstRank = 0
  const times: number[] = []
  for (const { record, mean } of people) {
    const probe = encodeUnitVector([...sampleAround(mean, easyFace, random)])
    const started = performance.now()
    const [first] = await gallery.search(probe, { floor: FLOOR, most: 10 })
    times.push(performance.now() - started)
    if (first?.record === record) atFirstRank += 1
  }
  times.sort((left, right) => left - right)
  const inJavaScript = people
    .slice(0, JAVASCRIPT_SEARCHES)
    .map(({ mean }) => timeOf(() => void plainSearch(plain, Float32Array.from(mean))))
  const [p50, p99, javaScript] = [percentile(times, 0.5), percentile(times, 0.99), scale * median(inJavaScript)]
  const copied = plain.byteLength / 4 // as many bytes as the scan of eight bits reads
  const bytes = new Uint8Array(plain.buffer, 0, copied)
  const target = new Uint8Array(copied)
  const copy = scale * median([1, 2, 3].map(() => timeOf(() => target.set(bytes))))
  print(
    `  ${String(size).padStart(9)}  p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}; mate at rank 1: ${atFirstRank} of ${people.length}; ` +
      `plain JavaScript ${javaScript.toFixed(1)} (${(javaScript / p50).toFixed(1)} times), ` +
      `copying as much memory ${copy.toFixed(1)} (${(p50 / copy).toFixed(1)} of it); ` +
      `${(gallery.bytes / (size * 5 * DIMENSION)).toFixed(2)} of the vectors' bytes`,
  )
}

/** The best row, as anybody would write it. */
function plainSearch(rows: Float32Array, probe: Float32Array): number {
  let [best, bestAt] = [-Infinity, -1]
  for (let begin = 0; begin < rows.length; begin += DIMENSION) {
    let product = 0
    for (let at = 0; at < DIMENSION; at += 1) product += (rows[begin + at] ?? 0) * (probe[at] ?? 0)
    if (product > best) [best, bestAt] = [product, begin / DIMENSION]
  }
  return bestAt
}

function timeOf(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

/** `--sizes 10000,100000,1000000` and `--threads N`. Throws RangeError for what is no number. */
export function readBiometricBenchOptions(
  flags: Readonly<Record<string, string | undefined>>,
  cores: number,
): BiometricBenchOptions {
  const sizes = (flags['sizes'] ?? '10000,100000,1000000').split(',').map(Number)
  const threads = Number(flags['threads'] ?? cores)
  if ([...sizes, threads].every((number) => Number.isInteger(number) && number > 0)) return { sizes, threads }
  throw new RangeError('--sizes takes whole numbers separated by commas, --threads one.')
}
