/**
 * The whole house in this process, on embedded engines: the gateway, five subgraphs, a Postgres of its own and an AI provider
 * that answers by script. In: variables to set besides. Out: the gateway's address, and everything that was written down
 * (log lines, events), for tests that look for what must not be there.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { demoProviders } from '../../demo/own-house.js'
import { readLauncherConfig } from '../../launcher/config.js'
import { startHouse } from '../../launcher/start-house.js'
import { createLogger } from '../../platform/log/logger.js'
import { startOpenAiServer, type OpenAiServer } from './openai-server.js'
import { createTestIssuer, type TestIssuer } from './test-tokens.js'

export interface Supergraph {
  /** The gateway, `http://127.0.0.1:<port>/graphql`. */
  readonly url: string
  readonly ports: Readonly<Record<string, number>>
  /** Where the page is. */
  readonly page: string | null
  /** Signs tokens this house accepts. */
  readonly issuer: TestIssuer
  readonly ai: OpenAiServer
  /** Log lines at every level and every event kept, as text. */
  written(): Promise<string>
  close(): Promise<void>
}

const portNames = ['GATEWAY', 'AUTH', 'USER', 'CONTENT', 'AI', 'BIOMETRIC', 'WEB']

export async function startSupergraph(environment: Readonly<Record<string, string>> = {}): Promise<Supergraph> {
  const folder = await mkdtemp(path.join(tmpdir(), 'supergraph-'))
  const issuer = await createTestIssuer()
  const ai = await startOpenAiServer()
  const lines: string[] = []
  const logger = createLogger({
    service: 'test',
    level: 'trace',
    destination: { write: (line) => void lines.push(line) },
  })
  const config = readLauncherConfig({
    ...Object.fromEntries(portNames.map((name) => [`${name}_PORT`, '0'])),
    DATA_FOLDER: folder,
    AI_PROVIDERS: demoProviders(ai.baseUrl),
    TOKEN_ISSUER: issuer.issuer,
    TOKEN_AUDIENCE: issuer.audience,
    AUTH_SIGNING_KEYS: JSON.stringify(issuer.signingKeys),
    ...environment,
  })
  const house = await startHouse(config, logger)
  return {
    url: `http://127.0.0.1:${house.ports.gateway}/graphql`,
    ports: house.ports,
    page: house.page,
    issuer,
    ai,
    written: async () => lines.join('') + (await readFile(path.join(folder, 'events.jsonl'), 'utf8')),
    async close() {
      await house.close()
      await ai.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
