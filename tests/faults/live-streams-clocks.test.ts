import { expect, it } from '@jest/globals'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../../platform/service/project-root.js'
import { describeLive, SUBSCRIBERS } from '../support/live-suite.js'

const DAY_MS = 86_400_000
const shim = pathToFileURL(path.join(projectRoot, 'tests', 'support', 'shift-clock.mjs')).href
const shifted = (shiftMs: number) => ({ NODE_OPTIONS: `--import=${shim}`, CLOCK_SHIFT_MS: `${shiftMs}` })

await describeLive('live streams when clocks are wrong', [shifted(DAY_MS), shifted(-DAY_MS)], (scene) => {
  it('take no notice: replicas two days apart hand over, and a clock that jumps ends nothing', async () => {
    const [ahead, behind] = scene.house.gateways
    if (ahead === undefined || behind === undefined) throw new Error('There are two.')
    const audience = await scene.gather([ahead.url, behind.url])
    for (const gateway of [ahead, behind]) gateway.signal('SIGUSR2')
    await scene.house.publish(5)
    await audience.saw(scene.house.published)
    expect(audience.counts()).toMatchObject({ connections: SUBSCRIBERS })

    const meanwhile = scene.house.publish(5)
    await ahead.kill()
    await meanwhile
    await audience.saw(scene.house.published)
    behind.signal('SIGUSR2')
    await scene.holdsTo(audience, 5)
    expect(audience.counts().withErrors).toBe(0)
  }, 120_000)
})
