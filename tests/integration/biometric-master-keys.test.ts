import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import pg from 'pg'
import { createEnvelopeCipher, masterKeyIdOf } from '../../platform/crypto/envelope.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { keyContext } from '../../subgraphs/biometric/persistence/person-keys.js'
import { templateContext } from '../../subgraphs/biometric/persistence/prisma-templates.js'
import { createTestDatabase, type TestDatabase } from '../support/create-test-database.js'
import { until } from '../support/until.js'

const PEOPLE = 250
const keys = { old: new Uint8Array(32).fill(1), new: new Uint8Array(32).fill(2) }
const under = (currentKeyId: keyof typeof keys) => createEnvelopeCipher({ masterKeys: keys, currentKeyId })
const onlyNew = createEnvelopeCipher({ masterKeys: { new: keys.new }, currentKeyId: 'new' })
const secretOf = (userId: string) => new Uint8Array(Buffer.from(userId.replaceAll('-', ''), 'utf8'))

let server: TestDatabase
let pool: pg.Pool
const userIds = Array.from({ length: PEOPLE }, () => crypto.randomUUID()).sort()

beforeAll(async () => {
  server = await createTestDatabase()
  pool = new pg.Pool({ connectionString: server.url, max: 3, options: '-c search_path=biometric' })
  const sealed = userIds.map((userId) => Buffer.from(under('old').seal(secretOf(userId), keyContext(userId))))
  const sql =
    'INSERT INTO person_keys SELECT id, sealed, now() FROM unnest($1::uuid[], $2::bytea[]) AS made (id, sealed)'
  await pool.query(sql, [userIds, sealed])
})

afterAll(async () => {
  await pool.end()
  await server.drop()
})

/** The command, as it is run by hand. */
function rotate() {
  const text = (name: keyof typeof keys) => `${name}:${Buffer.from(keys[name]).toString('base64')}`
  const child = spawn(process.execPath, ['--import', 'tsx', 'scripts/template-keys/main.ts'], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ NODE_OPTIONS: '', DATABASE_URL: server.url, BIOMETRIC_MASTER_KEY_ID: 'new' },
      BIOMETRIC_MASTER_KEYS: `${text('old')},${text('new')}`,
    },
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return { child, exited: once(child, 'exit'), said: () => said }
}

interface KeyRow {
  readonly user_id: string
  readonly sealed_key: Buffer
}

async function personKeys(): Promise<KeyRow[]> {
  return (await pool.query<KeyRow>('SELECT user_id, sealed_key FROM person_keys')).rows
}

it('seals everything under the new master key, goes on after a kill, and leaves the old key removable', async () => {
  const [userId = ''] = userIds
  const record = { id: crypto.randomUUID(), userId }
  const template = new Uint8Array(512).fill(7)
  await pool.query(
    `INSERT INTO biometric_records (id, user_id, type, model_version, quality_score, enrolled_at, expires_at)
     VALUES ($1, $2, 'FACE', 'm', 90, now(), now() + interval '1 day')`,
    [record.id, userId],
  )
  const sealed = under('old').seal(template, templateContext(record))
  await pool.query(`INSERT INTO biometric_templates (record_id, sealed, digest) VALUES ($1, $2, '\\x00')`, [
    record.id,
    Buffer.from(sealed),
  ])

  // somebody's row in the last batch is held, so that the command can't be done when it is killed
  const holder = await pool.connect()
  await holder.query('BEGIN')
  await holder.query('SELECT 1 FROM person_keys WHERE user_id = $1 FOR UPDATE', [userIds.at(-1)])
  const first = rotate()
  await until(() => first.said().includes(`keys of people: 200 of ${PEOPLE}`), 60_000)
  first.child.kill('SIGKILL')
  await first.exited
  await holder.query('ROLLBACK')
  holder.release()

  const between = await personKeys()
  expect(between.filter(({ sealed_key }) => masterKeyIdOf(sealed_key) === 'new')).toHaveLength(200)
  for (const { user_id, sealed_key } of between) {
    expect(under('new').open(sealed_key, keyContext(user_id))).toEqual(secretOf(user_id))
  }

  const second = rotate()
  expect(await second.exited).toEqual([0, null])
  expect(second.said()).toContain(`keys of people: 50 of 50`)
  expect(second.said()).toContain('templates older than those: 1 of 1')
  expect(second.said()).toMatch(/Nothing is sealed under another key than new\..*take away: old\./)
  for (const { user_id, sealed_key } of await personKeys()) {
    expect(onlyNew.open(sealed_key, keyContext(user_id))).toEqual(secretOf(user_id))
  }
  const { rows } = await pool.query<{ sealed: Buffer }>('SELECT sealed FROM biometric_templates')
  const own = createEnvelopeCipher({ masterKeys: { '.person': secretOf(userId) }, currentKeyId: '.person' })
  expect(own.open(rows[0]?.sealed ?? Buffer.alloc(0), templateContext(record))).toEqual(template)
})
