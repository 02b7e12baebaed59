import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../../platform/service/free-port.js'
import { projectRoot } from '../../platform/service/project-root.js'

const names = ['GATEWAY', 'AUTH', 'USER', 'CONTENT', 'AI', 'BIOMETRIC', 'WEB']
const ports: Record<string, string> = {}
const started: ChildProcess[] = []
let dataFolder: string

beforeAll(async () => {
  dataFolder = await mkdtemp(path.join(tmpdir(), 'start-'))
  await chmod(dataFolder, 0o755)
  for (const name of names) ports[`${name}_PORT`] = String(await freePort())
})

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGINT')) await once(child, 'exit')
  }
})

afterAll(() => rm(dataFolder, { recursive: true, force: true }))

interface Run {
  readonly child: ChildProcess
  /** Everything it printed so far. */
  output(): string
  /** Resolves when it printed this; rejects when it ended before. */
  printed(words: string): Promise<void>
  ended(): Promise<number | null>
}

/** What `npm start` runs, on ports and in a folder of this test's own, without any engine configured. */
function start(throughNpm = false): Run {
  const environment = { ...process.env, ...ports, DATA_FOLDER: dataFolder, NODE_OPTIONS: '', NODE_ENV: 'development' }
  const [file, ...args] = throughNpm ? ['npm', 'start'] : [process.execPath, 'scripts/start.mjs']
  const child = spawn(file, args, {
    cwd: projectRoot,
    env: { ...environment, DATABASE_URL: '', NATS_URL: '', REDIS_URL: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let output = ''
  const end = once(child, 'close')
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return {
    child,
    output: () => output,
    async printed(words) {
      while (!output.includes(words)) {
        if (child.exitCode !== null) throw new Error(`It ended without saying "${words}":\n${output}`)
        await Promise.race([once(child.stdout, 'data'), end])
      }
    },
    ended: () => end.then(() => child.exitCode),
  }
}

async function typename(): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${ports['GATEWAY_PORT']}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }' }),
  })
  return answer.json()
}

const pidFile = () => path.join(dataFolder, 'postgres', 'cluster', 'postmaster.pid')

describe('npm start', () => {
  it('says what runs and where, answers, and stops everything on Ctrl-C, the database too', async () => {
    const run = start()
    await run.printed('Ctrl-C stops everything')
    expect(run.output()).toContain(`gateway    http://localhost:${ports['GATEWAY_PORT']}/graphql`)
    expect(run.output()).toContain('PostgreSQL, embedded')
    await expect(typename()).resolves.toEqual({ data: { __typename: 'Query' } })
    run.child.kill('SIGINT')
    await expect(run.ended()).resolves.toBe(0)
    expect(run.output()).toContain('Everything has stopped, the database too.')
    await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
    await expect(typename()).rejects.toThrow()
  })

  it('starts a second time after it was killed, on the database that is still there', async () => {
    const killed = start()
    await killed.printed('Ctrl-C stops everything')
    killed.child.kill('SIGKILL')
    await killed.ended()
    const run = start()
    await run.printed('Ctrl-C stops everything')
    expect(run.output()).toContain('taken over from a start that was killed')
    await expect(typename()).resolves.toEqual({ data: { __typename: 'Query' } })
  })

  it('stops everything when the npm that runs it was killed, though its own parent lives', async () => {
    const run = start(true)
    await run.printed('Ctrl-C stops everything')
    run.child.kill('SIGKILL')
    await run.ended() // its output is closed by the last that held it
    expect(run.output()).toContain('stops: the npm that started it has ended.')
    expect(run.output()).toContain('Everything has stopped, the database too.')
    await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('stops everything when nobody reads its output any more', async () => {
    const run = start()
    await run.printed('Ctrl-C stops everything')
    run.child.stdout?.destroy()
    run.child.stderr?.destroy()
    run.child.kill('SIGHUP') // a terminal that closes: the words of the stop have no reader
    await expect(run.ended()).resolves.toBe(0)
    await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('names the port another program has, the remedy, and leaves nothing running', async () => {
    const other = createServer().listen(Number(ports['CONTENT_PORT']), '127.0.0.1')
    await once(other, 'listening')
    const run = start()
    await expect(run.ended()).resolves.toBe(1)
    expect(run.output().trim()).toMatch(
      new RegExp(`^Port ${ports['CONTENT_PORT']} for content is in use by another program\\. .*$`),
    )
    await expect(stat(pidFile())).rejects.toMatchObject({ code: 'ENOENT' })
    other.close()
  })

  it('names what to delete when the data folder is broken, in one message', async () => {
    await writeFile(path.join(dataFolder, 'postgres', 'cluster', 'PG_VERSION'), '9.1\n')
    const run = start()
    await expect(run.ended()).resolves.toBe(1)
    expect(run.output().trim().split('\n')).toEqual([
      expect.stringMatching(/^The embedded Postgres can't use .*postgres: /),
      expect.stringMatching(/^To begin anew with an empty database: rm -rf .*postgres$/),
    ])
  })
})
