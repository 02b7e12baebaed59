import { describe, expect, it } from '@jest/globals'
import { buildSchema } from 'graphql'
import { StartupError } from '../../platform/errors/startup-error.js'
import { createLogger } from '../../platform/log/logger.js'
import { chooseCursorKeys } from './choose-cursor-keys.js'
import { composeEventGraph } from './fixtures/event-graph.js'

const { supergraphDocument } = composeEventGraph()
const withStreams = {
  supergraphDocument,
  apiSchema: buildSchema('type Query { a: Int } type Subscription { mine: Int }'),
}
const without = {
  supergraphDocument,
  apiSchema: buildSchema('type Query { a: Int } type Subscription { direct: Int }'),
}

function choose(options: {
  configured?: readonly Uint8Array[]
  production?: boolean
  generation?: typeof withStreams
}) {
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'warn',
    destination: { write: (line) => void lines.push(line) },
  })
  const { configured = null, production = false, generation = withStreams } = options
  return { keys: chooseCursorKeys({ configured, production, generation, logger }), lines }
}

describe('the keys of cursors', () => {
  it('are those that are configured, in their order', () => {
    const configured = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
    expect(choose({ configured, production: true }).keys).toBe(configured)
  })

  it('are needed in production where there are event streams, and a sentence says how to make one', () => {
    expect(() => choose({ production: true })).toThrow(StartupError)
    expect(() => choose({ production: true })).toThrow(/GATEWAY_CURSOR_KEYS.*openssl rand -base64 32/)
  })

  it("are a process's own in development, which is told", () => {
    const [one, other] = [choose({}), choose({})]
    expect(one.keys).toEqual([expect.objectContaining({ length: 32 })])
    expect(one.keys).not.toEqual(other.keys)
    expect(one.lines.join()).toContain('GATEWAY_CURSOR_KEYS')
  })

  it('matter to nobody where there are no event streams', () => {
    const { keys, lines } = choose({ production: true, generation: without })
    expect(keys).toHaveLength(1)
    expect(lines).toEqual([])
  })
})
