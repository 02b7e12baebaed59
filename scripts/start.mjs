/**
 * `npm start`: from a fresh clone to a running system. It needs nothing but Node: it checks Node's version, installs what
 * is missing, makes what is generated, compiles what changed, and then hands over to launcher/main. Everything that is
 * up to date is passed over by its hash.
 */
import { checkInstallation, install } from './installation.mjs'

const LEAST_NODE = [20, 19]

try {
  refuseOldNode()
  await installWhatIsMissing()
  // only from here on packages may be imported
  const { makeReady } = await import('./make-ready.mjs')
  await makeReady()
} catch (error) {
  console.error(`\n${error.message}`)
  process.exit(1)
}
process.setSourceMapsEnabled(true)
await import('../dist/launcher/main.js')

function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new Error(
    `Node ${LEAST_NODE.join('.')} or newer is needed, this is ${process.versions.node}: see https://nodejs.org`,
  )
}

async function installWhatIsMissing() {
  const fault = checkInstallation()
  if (fault === null) return
  console.log(`${fault}: installing packages, which takes a minute or two ...`)
  await install()
  const stillWrong = checkInstallation()
  if (stillWrong !== null)
    throw new Error(`${stillWrong}, also after an installation: delete node_modules and start again.`)
}
