import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRandomSource } from '../../../synthetic/random-source.js'
import { minutiaTypes, type Minutia } from '../minutiae.js'
import { readFingerRecord } from './finger-record.js'
import { minutiaeAt500Dpi, type FingerView } from './finger-view.js'
import { RecordFault } from './record-fault.js'
import { writeEdition2005, writeEdition2011 } from './write-finger-record.js'

const writers = [
  ['2005', writeEdition2005],
  ['2011', writeEdition2011],
] as const

/** Inputs of the fuzz run; FUZZ_INPUTS=1000000 is the full one. */
const FUZZ_INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 50_000)

const minutia = fc.record<Minutia>({
  x: fc.integer({ min: 0, max: 355 }),
  y: fc.integer({ min: 0, max: 499 }),
  direction: fc.integer({ min: 0, max: 255 }).map((step) => (step / 256) * 2 * Math.PI),
  type: fc.constantFrom(...minutiaTypes),
})

const view = fc.record<FingerView>({
  position: fc.integer({ min: 0, max: 10 }),
  quality: fc.integer({ min: 0, max: 100 }),
  minutiae: fc.array(minutia, { maxLength: 255 }),
  widthPx: fc.constant(356),
  heightPx: fc.constant(500),
  resolution: fc.constant({ x: 197, y: 197 }),
})

/** By hand after ISO/IEC 19794-2:2005: one view of a right index finger, an ending and a bifurcation, and an extension. */
const byHand2005 = Uint8Array.from([
  ...[0x46, 0x4d, 0x52, 0x00, 0x20, 0x32, 0x30, 0x00, 0x00, 0x00, 0x00, 0x30, 0x80, 0x01, 0x01, 0x64, 0x01, 0xf4],
  ...[0x00, 0xc5, 0x00, 0xc5, 0x01, 0x00], // 197 a centimetre each way, one view
  ...[0x02, 0x00, 0x50, 0x02], // right index, view 0 live plain, quality 80, two minutiae
  ...[0x40, 0x64, 0x00, 0xc8, 0x40, 0x5f], // an ending at 100, 200, a quarter of a turn
  ...[0x80, 0x0a, 0x01, 0xf3, 0xff, 0x00], // a bifurcation at 10, 499, a step short of a turn
  ...[0x00, 0x06, 0x01, 0x01, 0x00, 0x06, 0xab, 0xcd], // six bytes of extended data: one block
])

function faultOf(bytes: Uint8Array): RecordFault | null {
  try {
    readFingerRecord(bytes)
    return null
  } catch (error) {
    if (error instanceof RecordFault) return error
    throw error
  }
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = value
  return copy
}

describe('finger minutiae records', () => {
  it('are read as the standard of 2005 lays them out', () => {
    expect(readFingerRecord(byHand2005)).toEqual([
      {
        position: 2,
        quality: 80,
        widthPx: 356,
        heightPx: 500,
        resolution: { x: 197, y: 197 },
        minutiae: [
          { x: 100, y: 200, direction: Math.PI / 2, type: 'ENDING' },
          { x: 10, y: 499, direction: (255 / 256) * 2 * Math.PI, type: 'BIFURCATION' },
        ],
      },
    ])
  })

  it.each(writers)('of %s are read back as they were written', (_edition, write) => {
    fc.assert(fc.property(view, (written) => expect(readFingerRecord(write(written))).toEqual([written])))
  })

  it('of 2011 keep that a quality was not measured', () => {
    const [unmeasured] = fc.sample(view, 1)
    if (unmeasured === undefined) throw new Error('fast-check gave no view')
    expect(readFingerRecord(writeEdition2011({ ...unmeasured, quality: null }))[0]?.quality).toBeNull()
  })

  it.each([
    ['another format', 2, 0x4d, 'format identifier'],
    ['an edition that does not exist', 5, 0x39, 'version number'],
    ['a length that lies', 11, 0x31, 'record length'],
    ['reserved bits of the equipment', 12, 0xf0, 'capture equipment'],
    ['a width of more than 14 bits', 14, 0x7f, 'image size'],
    ['a resolution of nothing', 19, 0x00, 'resolution'],
    ['no view', 22, 0x00, 'number of views'],
    ['views that are not there', 22, 0xff, 'finger position'],
    ['a finger nobody has', 24, 0x0b, 'finger position'],
    ['a quality above 100', 26, 0x65, 'finger quality'],
    ['255 minutiae claimed', 27, 0xff, 'minutia y'],
    ['a fourth type', 28, 0xc0, 'minutia type'],
    ['a minutia beside the image', 34, 0x82, 'minutia position'],
    ['reserved bits of y', 36, 0x41, 'minutia y'],
    ['a minutia of quality 200', 33, 200, 'minutia quality'],
    ['an extension that reaches beyond the end', 41, 0x40, 'extended data type'],
    ['an extension of no length', 45, 0x00, 'extended data length'],
  ])('with %s are refused, and the field is named', (_what, at, value, field) => {
    expect(faultOf(changed(byHand2005, at, value))?.field).toBe(field)
  })

  it('are refused when cut off anywhere, or with a byte too many', () => {
    for (let length = 0; length < byHand2005.length; length += 1) {
      expect(faultOf(byHand2005.subarray(0, length))).toBeInstanceOf(RecordFault)
    }
    expect(faultOf(Uint8Array.from([...byHand2005, 0]))?.field).toBe('record length')
  })

  it('are read within any buffer they lie in', () => {
    const larger = new Uint8Array(byHand2005.length + 7)
    larger.set(byHand2005, 3)
    expect(readFingerRecord(larger.subarray(3, 3 + byHand2005.length))).toHaveLength(1)
  })

  it('of another resolution are brought to 500 dpi', () => {
    const [fine] = readFingerRecord(byHand2005)
    if (fine === undefined) throw new Error('the record has a view')
    const doubled = { ...fine, resolution: { x: 394, y: 394 } }
    expect(minutiaeAt500Dpi(doubled).map(({ x, y }) => [x, y])).toEqual([
      [50, 100],
      [5, 250],
    ])
  })

  it('never do anything but be read or be refused, whatever is changed in them', () => {
    const random = createRandomSource(20_261_121)
    const seeds = writers.flatMap(([, write]) => fc.sample(view, { numRuns: 10, seed: 5 }).map(write))
    let read = 0
    for (let input = 0; input < FUZZ_INPUTS; input += 1) {
      const bytes = mutate(seeds[random.below(seeds.length)] ?? byHand2005, random)
      if (faultOf(bytes) === null) read += 1
    }
    process.stdout.write(
      `${FUZZ_INPUTS} changed records: ${read} were read, the others refused with the field at fault\n`,
    )
    expect(read).toBeLessThan(FUZZ_INPUTS)
  })
})

/** One to four changes: a byte, a cut, a repetition. */
function mutate(record: Uint8Array, random: ReturnType<typeof createRandomSource>): Uint8Array {
  let bytes = record.slice()
  for (let change = random.below(4); change >= 0; change -= 1) {
    const at = random.below(Math.min(bytes.length, random.below(3) === 0 ? 64 : bytes.length) || 1)
    const kind = random.below(8)
    if (kind === 0) bytes = bytes.slice(0, at)
    else if (kind === 1) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at >> 1)])
    else bytes[at] = [0, 255, 127, 128, random.below(256)][random.below(5)] ?? 0
  }
  return bytes
}
