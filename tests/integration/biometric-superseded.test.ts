import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openDatabase, type Database } from '../../platform/database/open-database.js'
import { createLogger } from '../../platform/log/logger.js'
import { encodeUnitVector } from '../../subgraphs/biometric/domain/embedding.js'
import { face } from '../../subgraphs/biometric/domain/embedding-modality.js'
import type { Modality } from '../../subgraphs/biometric/domain/modality.js'
import { defaultPolicy } from '../../subgraphs/biometric/domain/policy.js'
import { createSubmitFrame } from '../../subgraphs/biometric/domain/submit-frame.js'
import {
  createBiometricPrisma,
  createTransact,
  type BiometricPrisma,
} from '../../subgraphs/biometric/persistence/biometric-prisma.js'
import { createPrismaFrames } from '../../subgraphs/biometric/persistence/prisma-frames.js'
import { createPrismaVerifications } from '../../subgraphs/biometric/persistence/prisma-verifications.js'
import { createProbeDigests } from '../../subgraphs/biometric/persistence/probe-digests.js'
import { createProbeSketches } from '../../subgraphs/biometric/persistence/probe-sketches.js'
import { CANCEL, MODEL, sessionIn, startBiometric, type StartedBiometric } from '../support/start-biometric.js'

let biometric: StartedBiometric
let database: Database
let prisma: BiometricPrisma

beforeAll(async () => {
  biometric = await startBiometric({ seed: 24 })
  const logger = createLogger({ service: 'test', level: 'silent' })
  database = await openDatabase({ url: biometric.subgraph.engines.databaseUrl, schema: 'biometric', logger })
  prisma = createBiometricPrisma(database)
})

afterAll(async () => {
  await prisma.$disconnect()
  await database.close()
  await biometric.close()
})

type Moment = 'while the template is opened' | 'while probe and template are compared'

/** A replica that stands still at a moment of deciding a frame: `act` happens then. */
function replicaThatStops(at: Moment, enrolled: readonly number[], act: () => Promise<void>) {
  const keys = { masterKeys: { k1: new Uint8Array(32).fill(7) }, currentKeyId: 'k1' }
  const transact = createTransact(prisma, () => undefined)
  const verifications = createPrismaVerifications(prisma, transact)
  const marks = { digests: createProbeDigests(keys), sketches: createProbeSketches(keys) }
  const seen = { 'while the template is opened': 0, 'while probe and template are compared': 0 }
  const reach = async (moment: Moment) => {
    seen[moment] += 1
    // the template is opened once before the frame is claimed, to look for a copy of it
    const turn = moment === 'while the template is opened' ? 2 : 1
    if (moment === at && seen[moment] === turn) await act()
  }
  const slowFace: Modality = {
    ...face,
    async compare(template, probe) {
      await reach('while probe and template are compared')
      return face.compare(template, probe)
    },
  }
  return createSubmitFrame({
    verifications: createPrismaFrames(transact, marks),
    templates: {
      async open() {
        await reach('while the template is opened')
        return encodeUnitVector(enrolled)
      },
    },
    findRecords: (ids, userId) => prisma.biometricRecord.findMany({ where: { id: { in: [...ids] }, userId } }),
    findFused: async () => null,
    read: verifications.find,
    modalities: new Map([[face.type, slowFace]]),
    policy: defaultPolicy,
    calibrations: { find: async () => face.calibration },
    readTerms: async () => defaultPolicy,
    checkEvidence: async () => null,
    now: () => new Date(),
  })
}

describe('a verification given up', () => {
  const moments: Moment[] = ['while the template is opened', 'while probe and template are compared']

  it.each(moments)('%s stays so, though the frame would have matched', async (moment) => {
    const person = await biometric.person()
    const sample = person.face.sample()
    const { id: recordId } = await person.enrol(sample)
    const { id: sessionId, nonce } = await person.start(recordId)
    let atThatMoment = ''
    const submit = replicaThatStops(moment, sample, async () => {
      atThatMoment = (await person.read(sessionId)).state
      expect(sessionIn(await person.ask(CANCEL, { id: sessionId })).state).toBe('CANCELLED')
    })
    const origin = { deviceId: crypto.randomUUID(), twoFactorsAt: null }
    const marks = { origin, nonce: nonce ?? '', sampleDigest: '' }
    const frame = { ...marks, sessionId, userId: person.userId, modelVersion: MODEL, embedding: person.face.sample() }
    await expect(submit(frame)).rejects.toMatchObject({ code: 'RES_CONFLICT' })
    expect(atThatMoment).toBe(moment === 'while the template is opened' ? 'PROCESSING' : 'MATCHING')
    expect(await person.read(sessionId)).toMatchObject({ state: 'CANCELLED', result: null })
    const told = (await person.progressOf(sessionId)).map(({ state }) => state)
    expect(told.at(-1)).toBe('CANCELLED')
    expect(told).not.toContain('SUCCEEDED')
    expect(await biometric.events('events.biometric.verified')).toEqual([])
  })
})
