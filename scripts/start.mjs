/**
 * `npm start`: from a fresh clone to a running system. It needs nothing but Node: it checks Node's version, installs what
 * is missing, makes what is generated, compiles what changed, and then hands over to launcher/main. Everything that is
 * up to date is passed over by its hash.
 */
import { ensureInstalled, refuseOldNode } from './installation.mjs'

try {
  refuseOldNode()
  await ensureInstalled()
  // only from here on packages may be imported
  const { makeReady } = await import('./make-ready.mjs')
  await makeReady()
} catch (error) {
  console.error(`\n${error.message}`)
  process.exit(1)
}
process.setSourceMapsEnabled(true)
await import('../dist/launcher/main.js')
