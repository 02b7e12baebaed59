import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createEventRow } from '../../platform/bus/event-row.js'
import { consentChanged } from '../../schema/contracts/consent-changed.js'
import { createGate, GENERATE, startAi, type Person, type StartedAi } from '../support/start-ai.js'
import { codes } from '../support/start-people.js'
import { until } from '../support/until.js'

const MOST_MS = 30_000
let ai: StartedAi

beforeAll(async () => {
  ai = await startAi()
}, 60_000)
afterAll(() => ai?.close())

/** Told by user, and dealt with. */
async function tell({ userId }: Person, given: boolean, now = new Date(), kind: 'AI' | 'BIOMETRIC' = 'AI') {
  const { id, subject, envelope } = createEventRow(consentChanged, { userId, kind, version: '1', given }, { now })
  await ai.subgraph.engines.bus.publish(subject, envelope)
  const handled = 'SELECT 1 FROM ai.inbox_events WHERE event_id = $1'
  if (kind === 'AI') await until(async () => (await ai.database.query(handled, [id])).rowCount === 1, MOST_MS)
}

const consentOf = async (person: Person) => (await person.ask('{ aiConsent }')).data?.['aiConsent']
const input = { prompt: 'Why?' }

describe('a consent to have models asked', () => {
  it('is needed, and one to be measured is none', async () => {
    const ada = await ai.person({ agrees: false })
    await tell(ada, true, new Date(), 'BIOMETRIC')
    const { questions } = ai.provider
    const before = questions.length
    expect(codes(await ada.ask(GENERATE, { input }))).toEqual(['AUTHZ_CONSENT_REQUIRED'])
    expect(await consentOf(ada)).toBe(false)
    await tell(ada, true)
    expect(await consentOf(ada)).toBe(true)
    expect(questions).toHaveLength(before)
    const { id } = await ada.generate(input)
    expect((await ada.statesOf(id)).at(-1)).toBe('COMPLETED')
  })

  it('is that of the newest change, in whatever order they come', async () => {
    const ada = await ai.person({ agrees: false })
    const [first, second, third] = [1, 2, 3].map((minute) => new Date(Date.now() - 600_000 + minute * 60_000))
    await tell(ada, true, third)
    await tell(ada, false, second)
    expect(await consentOf(ada)).toBe(true)
    await tell(ada, true, first)
    expect(await consentOf(ada)).toBe(true)
    await tell(ada, false)
    expect(codes(await ada.ask(GENERATE, { input }))).toEqual(['AUTHZ_CONSENT_REQUIRED'])
  })

  it('gives up what has no answer when it is withdrawn, also where a provider is at it: its answer goes nowhere', async () => {
    const ada = await ai.person()
    const eve = await ai.person()
    const { script, open, asked } = createGate({ kind: 'answer', text: 'Too late.' })
    ai.provider.follow(script)
    const { id } = await ada.generate(input)
    await asked
    await tell(ada, false)
    open()
    expect(await ada.statesOf(id)).toEqual(['QUEUED', 'RUNNING', 'CANCELLED'])
    expect(await ada.read(id)).toMatchObject({ state: 'CANCELLED', output: null })
    const { id: eves } = await eve.generate(input) // the worker is free again, and her consent is her own
    expect((await eve.statesOf(eves)).at(-1)).toBe('COMPLETED')
    expect(await ada.read(id)).toMatchObject({ state: 'CANCELLED', output: null })
    expect(await ai.endsOf(id)).toEqual([])
  })

  it('leaves answers that there are when it is withdrawn', async () => {
    const ada = await ai.person()
    const { id } = await ada.generate(input)
    expect((await ada.statesOf(id)).at(-1)).toBe('COMPLETED')
    await tell(ada, false)
    expect(await ada.read(id)).toMatchObject({ state: 'COMPLETED' })
  })
})
