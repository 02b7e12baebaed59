import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  writeEdition2005,
  writeEdition2011,
} from '../../subgraphs/biometric/domain/fingerprint/records/write-finger-record.js'
import type { Minutia } from '../../subgraphs/biometric/domain/fingerprint/minutiae.js'
import type { IrisCode } from '../../subgraphs/biometric/domain/iris/iris-code.js'
import { createRandomSource } from '../../subgraphs/biometric/synthetic/random-source.js'
import {
  impressionLevels,
  impressionOf,
  syntheticFinger,
} from '../../subgraphs/biometric/synthetic/synthetic-fingers.js'
import { capturedAgain, syntheticIris } from '../../subgraphs/biometric/synthetic/synthetic-irises.js'
import { codesOf, ENROL, fieldsOf, MODEL, recordIn, sessionIn, startBiometric } from '../support/start-biometric.js'

type Sample = Readonly<Record<string, unknown>>

interface Body {
  /** Another capture of the same person. */
  capture(): Sample
}

const random = createRandomSource(20_261_121)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

/** A voice as a direction: captures lie about it, strangers anywhere. */
function voice(): Body {
  const mean = Array.from({ length: 192 }, () => random.normal())
  return { capture: () => ({ embedding: mean.map((component) => component + 0.4 * random.normal()) }) }
}

function eye(): Body {
  const code = syntheticIris(random)
  const sent = (captured: IrisCode) => ({ code: base64(captured.code), mask: base64(captured.mask) })
  return { capture: () => ({ iris: sent(capturedAgain(code, random)) }) }
}

function finger(send: (minutiae: Minutia[]) => Sample): () => Body {
  return () => {
    const tip = syntheticFinger(random)
    return { capture: () => send(impressionOf(tip, impressionLevels.good, random)) }
  }
}

const asMinutiae = (minutiae: Minutia[]): Sample => ({
  minutiae: minutiae.map((minutia) => ({ ...minutia, direction: (minutia.direction / Math.PI) * 180 })),
})
const view = (minutiae: Minutia[]) => ({
  position: 2,
  quality: 80,
  minutiae,
  widthPx: 800,
  heightPx: 800,
  resolution: { x: 197, y: 197 },
})

describe('each modality', () => {
  let biometric: Awaited<ReturnType<typeof startBiometric>>
  beforeAll(async () => {
    biometric = await startBiometric()
  })
  afterAll(() => biometric.close())

  const kinds: [name: string, type: string, person: () => Body][] = [
    ['a voice', 'VOICE', voice],
    ['an iris', 'IRIS', eye],
    ['a fingerprint as minutiae', 'FINGERPRINT', finger(asMinutiae)],
    [
      'a fingerprint as a record of 2005',
      'FINGERPRINT',
      finger((m) => ({ fingerRecord: base64(writeEdition2005(view(m))) })),
    ],
    [
      'a fingerprint as a record of 2011',
      'FINGERPRINT',
      finger((m) => ({ fingerRecord: base64(writeEdition2011(view(m))) })),
    ],
  ]

  it.each(kinds)('knows %s again, and tells a stranger from it', async (_name, type, somebody) => {
    const person = await biometric.person()
    const [own, stranger] = [somebody(), somebody()]
    const enrolled = await person.ask(ENROL, { input: { type, modelVersion: MODEL, ...own.capture() } })
    const { id } = recordIn(enrolled)
    const submit = async (body: Body) => {
      const session = await person.start(id)
      return sessionIn(await person.send(session.id, body.capture()))
    }
    expect(await submit(own)).toMatchObject({ state: 'SUCCEEDED', result: { decision: 'MATCH' } })
    expect(await submit(stranger)).toMatchObject({ state: 'CAPTURING', result: null })
  })

  it.each(kinds)('refuses %s that was enrolled or sent before', async (_name, type, somebody) => {
    const person = await biometric.person()
    const own = somebody()
    const [sample, probe] = [own.capture(), own.capture()]
    const { id } = recordIn(await person.ask(ENROL, { input: { type, modelVersion: MODEL, ...sample } }))
    const session = await person.start(id)
    const send = (sent: Sample) => person.send(session.id, sent)
    expect(codesOf(await send(sample))).toEqual(['VAL_VALIDATION_FAILED'])
    sessionIn(await send(probe))
    const next = await person.start(id)
    const again = await person.send(next.id, probe)
    expect(codesOf(again)).toEqual(['VAL_VALIDATION_FAILED'])
    expect(again.errors[0]?.message).not.toMatch(/\d{3}/)
  })

  const crowd = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ x: at, y: at, direction: 0, type: 'ENDING' }))
  it.each([
    ['an embedding for an iris', 'IRIS', { embedding: [1, 2] }, 'input.embedding'],
    ['nothing', 'IRIS', {}, 'input.iris'],
    ['two samples', 'FINGERPRINT', { minutiae: crowd(3), fingerRecord: 'AAAA' }, 'input.minutiae'],
    [
      'an iris of 255 bytes',
      'IRIS',
      { iris: { code: base64(new Uint8Array(255)), mask: base64(new Uint8Array(256)) } },
      'input.iris.code',
    ],
    [
      'a mask without bits',
      'IRIS',
      { iris: { code: base64(new Uint8Array(256)), mask: base64(new Uint8Array(256)) } },
      'input.iris.mask',
    ],
    ['what is no base64', 'IRIS', { iris: { code: '?', mask: '?' } }, 'input.iris.code'],
    ['256 minutiae', 'FINGERPRINT', { minutiae: crowd(256) }, 'input.minutiae'],
    ['no minutiae', 'FINGERPRINT', { minutiae: [] }, 'input.minutiae'],
    [
      'a minutia turned by 360 degrees',
      'FINGERPRINT',
      { minutiae: [{ x: 1, y: 1, direction: 360, type: 'OTHER' }] },
      'input.minutiae',
    ],
    [
      'a minutia beside the sensor',
      'FINGERPRINT',
      { minutiae: [{ x: -1, y: 1, direction: 0, type: 'OTHER' }] },
      'input.minutiae',
    ],
    ['three minutiae in a row', 'FINGERPRINT', { minutiae: crowd(3) }, 'input.minutiae'],
    ['a record that is none', 'FINGERPRINT', { fingerRecord: base64(new Uint8Array(64)) }, 'input.fingerRecord'],
  ])('refuses %s and names the field', async (_what, type, sample, field) => {
    const person = await biometric.person()
    const answer = await person.ask(ENROL, { input: { type, modelVersion: MODEL, ...sample } })
    expect(codesOf(answer)).toEqual(['VAL_VALIDATION_FAILED'])
    expect(fieldsOf(answer)[0]).toBe(field)
  })
})
