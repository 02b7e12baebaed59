import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  writeEdition2005,
  writeEdition2011,
} from '../../subgraphs/biometric/domain/fingerprint/records/write-finger-record.js'
import { codesOf, ENROL, MODEL, recordIn, sessionIn, startBiometric } from '../support/start-biometric.js'
import { asMinutiae, base64, createBodySource, viewOf, type Body, type Sample } from '../support/synthetic-bodies.js'

const { voice, eye, finger } = createBodySource(20_261_121)

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
      finger((m) => ({ fingerRecord: base64(writeEdition2005(viewOf(m))) })),
    ],
    [
      'a fingerprint as a record of 2011',
      'FINGERPRINT',
      finger((m) => ({ fingerRecord: base64(writeEdition2011(viewOf(m))) })),
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
})
