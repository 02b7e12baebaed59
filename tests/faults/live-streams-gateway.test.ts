import { expect, it } from '@jest/globals'
import { describeLive, SUBSCRIBERS } from '../support/live-suite.js'

await describeLive('live streams when a gateway goes', [{}, { GATEWAY_DRAIN_MS: '2000' }], (scene) => {
  it('are taken over by another replica: killed without a word, then told to go elsewhere', async () => {
    const [one, other] = scene.house.gateways
    if (one === undefined || other === undefined) throw new Error('There are two.')
    const audience = await scene.gather([one.url, other.url])
    const meanwhile = scene.house.publish(20)
    await one.kill()
    await meanwhile
    await audience.saw(scene.house.published)
    const afterKill = audience.counts().connections

    await one.start()
    const drained = other.stop() // throws when it does not leave in order
    await scene.holdsTo(audience, 20)
    await drained
    await scene.holdsTo(audience, 1)
    expect(afterKill).toBeGreaterThan(SUBSCRIBERS)
    expect(audience.counts().connections).toBeGreaterThanOrEqual(afterKill + SUBSCRIBERS)
  }, 120_000)
})
