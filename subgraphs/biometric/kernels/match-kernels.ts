/**
 * The loops that 1:N comparison spends its time in, in WebAssembly. In: addresses in a shared memory. Out: what a scan of a block
 * keeps, in a heap in that memory. They trust every address they are given: whoever calls them has laid the memory out.
 * The sources stand in assembly/, in AssemblyScript; what each does is said there.
 */
import { z } from 'zod'
import { kernelModule } from '../generated/kernel-module.js'

/** Bytes of a page, the unit memories have their size in. */
export const PAGE_BYTES = 65_536

/** Bytes of an entry of a heap: a key (float32) and a place (int32). */
export const ENTRY_BYTES = 8

export interface MatchKernels {
  scanEmbeddings(
    ...given: readonly [
      codes: number,
      scales: number,
      slacks: number,
      rows: number,
      components: number,
      query: number,
      queryScale: number,
      slackFactor: number,
      slack: number,
      firstPlace: number,
      heap: number,
      size: number,
      capacity: number,
      floor: number,
    ]
  ): number
  rerankEmbeddings(
    ...given: readonly [
      heap: number,
      size: number,
      components: number,
      query: number,
      blockBytes: number,
      vectors: number,
      rowBits: number,
    ]
  ): void
  scanIrises(
    ...given: readonly [
      codes: number,
      rows: number,
      probes: number,
      positions: number,
      minimumBits: number,
      referenceBits: number,
      firstPlace: number,
      heap: number,
      size: number,
      capacity: number,
      floor: number,
    ]
  ): number
}

const exported = z.custom<(...given: readonly number[]) => number>((value) => typeof value === 'function')
const exports = z.object({ scanEmbeddings: exported, rerankEmbeddings: exported, scanIrises: exported })

let module: WebAssembly.Module | null = null

/** The kernels over a memory, which is shared and may be that of other threads too. Microseconds, but for the first time. */
export function openMatchKernels(memory: WebAssembly.Memory): MatchKernels {
  module ??= new WebAssembly.Module(Buffer.from(kernelModule, 'base64'))
  return exports.parse(new WebAssembly.Instance(module, { env: { memory } }).exports)
}

/** All of it from the start: pages nobody writes to take no memory. Throws RangeError where there is no room for it. */
export function createSharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / PAGE_BYTES)
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
}
