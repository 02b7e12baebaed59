/** The schema engine's `cli` commands: can-connect-to-database, create-database, drop-database. */
import pg from 'pg'
import { connectionOf } from './schema-engine-adapters.mjs'

/** Exit code 0 or 1; a fault goes to standard error as the JSON line the CLI reads (it drops the first line). */
export async function runDatabaseCommand(command, datasource) {
  const { config } = connectionOf(datasource.url)
  const name = `"${String(config.database).replaceAll('"', '""')}"`
  const connecting = command === 'can-connect-to-database'
  const client = new pg.Client(connecting ? config : { ...config, database: 'postgres', options: undefined })
  try {
    await client.connect()
    if (command === 'create-database') await client.query(`CREATE DATABASE ${name}`)
    if (command === 'drop-database') await client.query(`DROP DATABASE ${name}`)
    await client.end()
    return 0
  } catch (error) {
    const fields = { error_code: prismaCodeOf(error), message: error.message || String(error.code) }
    process.stderr.write(`{}\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields })}\n`)
    return 1
  }
}

function prismaCodeOf(error) {
  if (error.code === '3D000') return 'P1003' // the database does not exist
  if (error.code === '28P01' || error.code === '28000') return 'P1000' // wrong password or user
  return /^E[A-Z]/.test(error.code ?? '') ? 'P1001' : 'P1010' // ECONNREFUSED and its like: not reachable
}
