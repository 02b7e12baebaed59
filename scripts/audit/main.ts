/**
 * `npm run audit:verify -- [--head HASH]`: checks the audit log from its first entry. In: DATABASE_URL. Out: the number of
 * entries and the last one's hash, to be written down elsewhere and given as --head the next time; or the entry at which the
 * chain is broken, and exit code 1. It only reads.
 */
import { parseArgs } from 'node:util'
import pg from 'pg'
import { z } from 'zod'
import { readEnvironment } from '../../platform/config/read-config.js'
import { verifyChain, type StoredEntry } from '../../subgraphs/auth/audit/verify-chain.js'

const PAGE = 1_000

const row = z.object({
  sequence: z.string().transform(BigInt),
  at: z.date(),
  action: z.string(),
  actor: z.string().nullable(),
  subject: z.string().nullable(),
  sealed_details: z.instanceof(Buffer).nullable(),
  previous_hash: z.instanceof(Buffer),
  hash: z.instanceof(Buffer),
})

async function* entriesOf(client: pg.Client): AsyncGenerator<StoredEntry, void, void> {
  for (let after = 0n; ;) {
    const { rows } = await client.query(
      'SELECT * FROM auth.audit_entries WHERE sequence > $1 ORDER BY sequence LIMIT $2',
      [after, PAGE],
    )
    for (const raw of rows) {
      const { sealed_details: sealed, previous_hash: previousHash, hash, ...entry } = row.parse(raw)
      yield {
        ...entry,
        sealedDetails: sealed && new Uint8Array(sealed),
        previousHash: new Uint8Array(previousHash),
        hash: new Uint8Array(hash),
      }
      after = entry.sequence
    }
    if (rows.length < PAGE) return
  }
}

async function main(): Promise<void> {
  const { DATABASE_URL: connectionString } = readEnvironment(
    'audit:verify',
    z.object({ DATABASE_URL: z.string('is not set: the database of auth') }),
    process.env,
  )
  const { head = null } = parseArgs({ options: { head: { type: 'string' } } }).values
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    const verdict = await verifyChain(entriesOf(client), head)
    if (verdict.isWhole)
      return console.log(`The audit log is whole: ${verdict.entries} entries, the last ${verdict.head}.`)
    console.error(`The audit log is broken: entry ${verdict.sequence} ${verdict.fault}.`)
    process.exitCode = 1
  } finally {
    await client.end()
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
