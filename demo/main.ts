/**
 * `npm run demo`: plays the product's story against the system at GATEWAY_URL, or at http://localhost:8080/graphql. Where
 * nothing answers there, it starts a system of its own for the time of the story, with an AI provider of its own.
 */
import { WebSocket } from 'ws'
import { createFaceSource } from '../tests/support/synthetic-faces.js'
import { playStory, type StoryOutcome } from './story.js'
import { onReasonToLeave } from '../platform/service/reasons-to-leave.js'
import { startOwnHouse } from './own-house.js'

const configured = process.env['GATEWAY_URL']

async function main(): Promise<void> {
  const url = configured ?? 'http://localhost:8080/graphql'
  if (await answers(url)) return play(url)
  if (configured !== undefined) throw new Error(`Nothing answers at ${url}. Start the system with npm start.`)
  console.log('Nothing answers at localhost:8080, so the demo starts a system of its own.')
  const opening = startOwnHouse()
  onReasonToLeave(({ because, fault }) => {
    if (because !== undefined) console.error(`The demo stops: ${because}.`, fault)
    const closed = opening.then((house) => house.close()).catch(() => undefined)
    void closed.then(() => process.exit(1)) // the system it started must not outlive it
  })
  const house = await opening
  try {
    await play(house.url)
  } finally {
    await house.close()
  }
}

async function answers(url: string): Promise<boolean> {
  const health = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(2_000) }).catch(() => null)
  return health?.ok === true
}

async function play(url: string): Promise<void> {
  const outcome = await playStory({
    url,
    faces: { ...createFaceSource(Date.now()), modelVersion: 'synthetic-face-1' },
    tell: (line) => console.log(line),
    webSocketImpl: WebSocket,
  })
  console.log(`\n${summary(outcome)}`)
}

function summary({ identity, verification, content, ai }: StoryOutcome): string {
  const states = (progress: readonly { state: string }[]) => progress.map(({ state }) => state).join(' > ')
  const answered = ai.answered?.output ?? `no answer: ${ai.answered?.failure?.message ?? 'unknown'}`
  return [
    'What came of it',
    `  signed in      ${identity.email} as ${identity.me.me?.profile?.displayName ?? 'nobody'}`,
    `  genuine        ${verification.genuine.result?.decision ?? 'undecided'}: ${states(verification.genuine.progress)}`,
    `  impostor       ${verification.impostor.result?.decision ?? 'undecided'}: ${states(verification.impostor.progress)}`,
    `  found          ${(content.found.contents?.edges ?? []).map(({ node }) => `${node.title} by ${node.author.profile?.displayName ?? 'somebody'}`).join()}`,
    `  the model said ${answered}`,
  ].join('\n')
}

await main().catch((error: unknown) => {
  console.error(`\nThe demo stopped: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
})
