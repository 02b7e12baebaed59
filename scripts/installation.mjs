/**
 * What a command needs before it may import any package: a Node that is new enough, and node_modules as package-lock.json
 * says. npm writes its own list of what it installed,
 * node_modules/.package-lock.json, when it has finished: an installation that was broken off has none, or an old one.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { hashOfFiles, readStamp } from './stamps.mjs'

const LEAST_NODE = [20, 19]
const root = path.resolve(import.meta.dirname, '..')
const lockFile = path.join(root, 'package-lock.json')
const installedList = path.join(root, 'node_modules', '.package-lock.json')
const stamp = path.join(root, 'node_modules', '.checked')
/** Names the process that installs; outside of node_modules, which npm deletes. */
const turn = path.join(root, '.installing')

/** What is wrong with node_modules, in words; null when nothing is. */
export function checkInstallation() {
  if (!existsSync(path.join(root, 'node_modules'))) return 'Nothing is installed yet'
  if (!existsSync(installedList)) return 'An installation was broken off'
  const installed = readPackages(installedList)
  const missing = Object.keys(installed).find((place) => !existsSync(path.join(root, place, 'package.json')))
  if (missing !== undefined) return `The package ${missing.replace('node_modules/', '')} is not complete`
  const fingerprint = hashOfFiles([lockFile, installedList])
  if (readStamp(stamp) === fingerprint) return null
  if (!fits(installed)) return 'The installed packages are not those of package-lock.json'
  writeFileSync(stamp, fingerprint)
  return null
}

/** Every package of the lock file is there in its version; those for other platforms may be missing. */
function fits(installed) {
  return Object.entries(readPackages(lockFile)).every(([place, wanted]) => {
    if (place === '' || wanted.link) return true
    const found = installed[place]
    return found === undefined ? wanted.optional === true : found.version === wanted.version
  })
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {}
}

/** Runs `npm ci` without its chatter. Throws with npm's last words when it fails. */
export async function install() {
  // development packages too: they compile and generate what is started
  const flags = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env['npm_execpath']
  const [file, args] = npm?.endsWith('.js') ? [process.execPath, [npm, ...flags]] : ['npm', flags]
  const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const words = []
  child.stdout.on('data', (chunk) => words.push(chunk))
  child.stderr.on('data', (chunk) => words.push(chunk))
  const status = await new Promise((resolve, reject) => {
    child.once('error', () => reject(new Error('npm could not be run: it comes with Node, see https://nodejs.org')))
    child.once('close', resolve)
  })
  if (status === 0) return
  const last = Buffer.concat(words).toString().trim().split('\n').slice(-15).join('\n')
  throw new Error(
    `npm could not install the packages. Its last words:\n${last}\nOnce mended (often: the network), start again.`,
  )
}

/** Throws with the remedy. */
export function refuseOldNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST_NODE
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return
  throw new Error(
    `Node ${LEAST_NODE.join('.')} or newer is needed, this is ${process.versions.node}: see https://nodejs.org`,
  )
}

/** Installs when something is missing, broken off or out of date. Throws with the remedy. */
export async function ensureInstalled() {
  if (checkInstallation() === null) return
  await takeTurn()
  try {
    const fault = checkInstallation()
    if (fault === null) return // another command has installed meanwhile
    console.log(`${fault}: installing packages, which takes a minute or two ...`)
    await install()
    const stillWrong = checkInstallation()
    if (stillWrong !== null)
      throw new Error(`${stillWrong}, also after an installation: delete node_modules and start again.`)
  } finally {
    rmSync(turn, { force: true })
  }
}

/** Waits until no other living command installs here: two at once would delete each other's files. */
async function takeTurn() {
  for (let told = false; ; told = true) {
    try {
      writeFileSync(turn, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (!isAlive(Number(readStamp(turn)))) rmSync(turn, { force: true })
    else {
      if (!told) console.log('Another command is installing packages: waiting for it ...')
      await delay(250)
    }
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
