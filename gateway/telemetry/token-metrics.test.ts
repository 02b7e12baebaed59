import { expect, it } from '@jest/globals'
import { Registry } from 'prom-client'
import { addTokenMetrics } from './token-metrics.js'

it('a gateway tells how well it knows which tokens ended, as it is when asked', async () => {
  const registry = new Registry()
  const ends = { size: 3, knownForMs: 1_500, refused: { ended: 7, unconfirmed: 0 } }
  addTokenMetrics(registry, ends)
  const linesOf = async () =>
    (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && line !== '')
  expect(await linesOf()).toEqual([
    'gateway_ended_tokens 3',
    'gateway_ended_tokens_known_seconds 1.5',
    'gateway_tokens_refused_total{reason="ended"} 7',
    'gateway_tokens_refused_total{reason="unconfirmed"} 0',
  ])
  Object.assign(ends, { size: 0, knownForMs: Infinity, refused: { ended: 8, unconfirmed: 2 } })
  expect(await linesOf()).toEqual([
    'gateway_ended_tokens 0',
    'gateway_ended_tokens_known_seconds +Inf',
    'gateway_tokens_refused_total{reason="ended"} 8',
    'gateway_tokens_refused_total{reason="unconfirmed"} 2',
  ])
})
