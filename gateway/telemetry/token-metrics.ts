import { Counter, Gauge, type Registry } from 'prom-client'
import type { TokenEnds } from '../../platform/identity/open-token-ends.js'

const reasons = ['ended', 'unconfirmed'] as const

/** How well a gateway knows which tokens ended before their time, and how many it refused for it; read when asked. */
export function addTokenMetrics(registry: Registry, ends: Pick<TokenEnds, 'size' | 'knownForMs' | 'refused'>): void {
  const registers = [registry]
  new Gauge({
    name: 'gateway_ended_tokens',
    help: 'Sessions, people and keys kept in mind because their tokens ended before their time.',
    registers,
    collect() {
      this.set(ends.size)
    },
  })
  new Gauge({
    name: 'gateway_ended_tokens_known_seconds',
    help: 'How long ago every end was known; above 120 only tokens issued since are accepted.',
    registers,
    collect() {
      this.set(ends.knownForMs / 1_000)
    },
  })
  new Counter({
    name: 'gateway_tokens_refused_total',
    help: 'Tokens that were good by themselves and refused, by why.',
    labelNames: ['reason'],
    registers,
    collect() {
      this.reset()
      for (const reason of reasons) this.inc({ reason }, ends.refused[reason])
    },
  })
}
