import { expect, it } from '@jest/globals'
import { describeLive, SUBSCRIBERS } from '../support/live-suite.js'

await describeLive('live streams when NATS dies', [{}], (scene) => {
  it('go on where they were when it is back, twice, and nobody is disconnected', async () => {
    const { house } = scene
    const audience = await scene.gather([house.gateways[0]?.url ?? ''])
    for (let outage = 0; outage < 2; outage += 1) {
      await house.publish(5)
      const meanwhile = house.publish(5) // waits for the server to come back
      await house.nats.kill()
      await house.nats.restart()
      await meanwhile
    }
    await scene.holdsTo(audience, 5)
    expect(audience.counts()).toMatchObject({ connections: SUBSCRIBERS, withErrors: 0 })
  }, 120_000)
})
