/** `npm run demo`: makes ready what is missing, as `npm start` does, then plays the story. */
import { ensureInstalled, refuseOldNode } from './installation.mjs'

try {
  refuseOldNode()
  await ensureInstalled()
  const { generate } = await import('./generate.mjs')
  await generate()
} catch (error) {
  console.error(`\n${error.message}`)
  process.exit(1)
}
const { register } = await import('tsx/esm/api')
register()
await import('../clients/demo/main.ts')
