import { expect, it } from '@jest/globals'
import { describeLive, SUBSCRIBERS } from '../support/live-suite.js'

await describeLive('live streams when a subgraph dies', [{}], (scene) => {
  it('tell of every event, with an error in place of what it would have added, and are whole again with it', async () => {
    const { house } = scene
    const audience = await scene.gather([house.gateways[0]?.url ?? ''])
    await house.things.kill()
    await house.publish(5)
    await audience.saw(house.published)
    expect(audience.counts().withErrors).toBe(5 * SUBSCRIBERS)
    await house.things.restart()
    let before = NaN
    while (before !== audience.counts().withErrors) {
      before = audience.counts().withErrors
      await house.publish(1) // the first ones may still meet what the gateway remembers of the outage
      await audience.saw(house.published)
    }
    await scene.holdsTo(audience, 5)
    expect(audience.counts()).toMatchObject({ connections: SUBSCRIBERS, withErrors: before })
  }, 120_000)
})
