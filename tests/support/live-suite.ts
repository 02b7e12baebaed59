import { afterEach, beforeEach, expect } from '@jest/globals'
import { describeWithEngine } from './engines.js'
import { openAudience, type Audience } from './live-audience.js'
import { startLiveHouse, type LiveHouse, type LiveHouseOptions } from './live-house.js'

export const SUBSCRIBERS = 1_000
export const TOPICS = 10

export interface LiveScene {
  readonly house: LiveHouse
  /** Subscribes everybody at these addresses, and publishes until each has seen an event. */
  gather(urls: readonly string[]): Promise<Audience>
  /** Publishes rounds of events; when everybody has seen all, holds what they saw to what was published and prints the counts. */
  holdsTo(audience: Audience, rounds: number): Promise<void>
}

/** A suite of faults under a thousand live subscriptions, in a house of its own a test. */
export function describeLive(
  name: string,
  replicas: LiveHouseOptions['replicas'],
  define: (scene: LiveScene) => void,
): Promise<void> {
  return describeWithEngine('nats-server', name, () => {
    let house: LiveHouse
    let audience: Audience | undefined
    beforeEach(async () => {
      house = await startLiveHouse({ topics: TOPICS, replicas })
    }, 60_000)
    afterEach(async () => {
      await audience?.close()
      await house?.close()
      for (const gateway of house?.gateways ?? []) expect(gateway.written()).not.toContain('Warning: ') // such as leaks
    }, 30_000)
    define({
      get house() {
        return house
      },
      async gather([first = '', ...more]) {
        const gathered = openAudience({ urls: [first, ...more], size: SUBSCRIBERS, topics: TOPICS })
        audience = gathered
        await house.publish(1)
        await gathered.saw(1)
        return gathered
      },
      async holdsTo(gathered, rounds) {
        await house.publish(rounds)
        await gathered.saw(house.published)
        const counts = gathered.counts()
        process.stdout.write(`    ${expect.getState().currentTestName}: ${JSON.stringify(counts)}\n`)
        expect(gathered.faults()).toEqual([])
        expect(counts.delivered).toBe(SUBSCRIBERS * house.published)
      },
    })
  })
}
