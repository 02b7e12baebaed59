import { createPrintMatcher } from '../domain/fingerprint/match-prints.js'
import { decodeMinutiae } from '../domain/fingerprint/minutiae.js'
import { worthOf } from '../domain/fingerprint/print-calibration.js'
import { createPrint } from '../domain/fingerprint/print.js'
import { placeOf } from '../search/places.js'
import { BLOCK_BYTES } from '../search/search-memory.js'
import type { Kept, ScanPrints } from './match-task.js'

/** One probe against some rows of minutiae. A row that is written to meanwhile may be no template for the moment: it is passed over. */
export function scanPrints(task: ScanPrints): Kept {
  const matcher = createPrintMatcher(createPrint(decodeMinutiae(task.probe)))
  task.probe.fill(0)
  const found: { place: number; score: number }[] = []
  for (const block of task.blocks) {
    for (let row = task.firstRow; row < task.endRow; row += 1) {
      const template = templateAt(task, block, row)
      const score = template === null ? -Infinity : scoreOf(matcher, template)
      template?.fill(0)
      if (score >= task.floor) found.push({ place: placeOf(block, row), score })
    }
  }
  found.sort((left, right) => right.score - left.score)
  const passedOver = found[task.capacity]?.score ?? null
  return { places: found.slice(0, task.capacity).map(({ place }) => place), passedOver }
}

function templateAt(task: ScanPrints, block: number, row: number): Uint8Array | null {
  const begin = block * BLOCK_BYTES
  const [length = 0] = new Uint16Array(task.memory.buffer, begin + task.lengths + 2 * row, 1)
  if (length === 0) return null
  return new Uint8Array(task.memory.buffer, begin + row * task.templateBytes, length).slice()
}

function scoreOf(matcher: ReturnType<typeof createPrintMatcher>, template: Uint8Array): number {
  try {
    return worthOf(matcher.scoreAgainst(createPrint(decodeMinutiae(template))))
  } catch (error) {
    if (error instanceof RangeError) return -Infinity
    throw error
  }
}
