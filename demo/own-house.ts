import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readLauncherConfig } from '../launcher/config.js'
import { startHouse, type House } from '../launcher/start-house.js'
import { createLogger } from '../platform/log/logger.js'
import { startOpenAiServer } from '../tests/support/openai-server.js'

/** The AI provider of the demo and of tests: one model, spoken to in OpenAI's wire format. */
export function demoProviders(baseUrl: string): string {
  const models = [{ id: 'demo-model', contextWindow: 8_192, outputLimit: 1_024, modalities: ['TEXT'] }]
  return JSON.stringify([{ name: 'demo', baseUrl, models }])
}

/** A whole system on embedded engines, free ports and a folder of its own, gone without a trace after `close`. */
export async function startOwnHouse(): Promise<{ url: string; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'biometrics-demo-'))
  const text = 'An analytical engine is a machine that can be told, by cards, to carry out any calculation.'
  const ai = await startOpenAiServer({ script: [{ kind: 'answer', text, delayMs: 200 }] })
  const leave = async () => {
    await ai.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const house = await openHouse(folder, demoProviders(ai.baseUrl))
    let closing: Promise<void> | undefined
    return {
      url: `http://localhost:${house.ports.gateway}/graphql`,
      close: () => (closing ??= house.close().finally(leave)),
    }
  } catch (error) {
    await leave()
    throw error
  }
}

function openHouse(dataFolder: string, providers: string): Promise<House> {
  const ports = ['GATEWAY', 'AUTH', 'USER', 'CONTENT', 'AI', 'BIOMETRIC', 'WEB'].map((name) => [`${name}_PORT`, '0'])
  const environment = { ...Object.fromEntries(ports), DATA_FOLDER: dataFolder, AI_PROVIDERS: providers }
  return startHouse(readLauncherConfig(environment), createLogger({ service: 'demo', level: 'error' }))
}
