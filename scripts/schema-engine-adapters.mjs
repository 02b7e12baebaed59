/** How the WebAssembly schema engine reaches Postgres: adapters over node-postgres, for the database and its shadow. */
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { parse } from 'pg-connection-string'

const CHAR_OID = 18 // Postgres's internal one-byte "char"
const TEXT_OID = 25

/** The options the CLI starts the engine with; what it does not need is read over. */
export function readArguments(given) {
  const read = { datamodels: [], datasource: {}, command: [], versionAsked: false }
  const rest = [...given]
  while (rest.length > 0) {
    const argument = rest.shift()
    if (argument === '--version') read.versionAsked = true
    else if (argument === '--datamodels') read.datamodels.push(rest.shift())
    else if (argument === '--datasource') read.datasource = JSON.parse(rest.shift())
    else if (argument.startsWith('--')) rest.shift()
    else read.command.push(argument)
  }
  return read
}

/** node-postgres options for a Prisma connection string, whose `?schema=` names the Postgres schema. */
export function connectionOf(url) {
  const { host, port, user, password, ssl, database } = parse(url)
  const schema = new URL(url).searchParams.get('schema') ?? undefined
  const options = `-c TimeZone=UTC${schema === undefined ? '' : ` -c search_path="${schema}"`}`
  return {
    schema,
    config: { host, port: port ? Number(port) : undefined, user, password, ssl, database, max: 1, options },
  }
}

export class SchemaEngineAdapters {
  provider = 'postgres'
  adapterName = '@prisma/adapter-pg'

  constructor(datasource) {
    this.datasource = datasource
  }

  connect() {
    return openAdapter(connectionOf(this.datasource.url))
  }

  async connectToShadowDb() {
    if (this.datasource.shadowDatabaseUrl) return openAdapter(connectionOf(this.datasource.shadowDatabaseUrl))
    const { schema, config } = connectionOf(this.datasource.url)
    const name = `prisma_migrate_shadow_db_${crypto.randomUUID()}`
    const admin = new pg.Client(config)
    await admin.connect()
    await admin.query(`CREATE DATABASE "${name}"`)
    const adapter = await openAdapter({ schema, config: { ...config, database: name } })
    const dispose = adapter.dispose.bind(adapter)
    adapter.dispose = async () => {
      await dispose()
      await admin.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
      await admin.end()
    }
    return adapter
  }
}

/** The stock adapter with two faults of its 7.10 release mended: "char" columns and scripts with `$$` bodies. */
async function openAdapter({ config, schema }) {
  const adapter = await new PrismaPg(config, { schema }).connect()
  const performIO = adapter.performIO.bind(adapter)
  const queryRaw = adapter.queryRaw.bind(adapter)
  let charColumns = []
  adapter.performIO = async (query) => {
    const result = await performIO(query)
    charColumns = []
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== CHAR_OID) continue
      charColumns.push(index)
      field.dataTypeID = TEXT_OID // the adapter rejects CHAR_OID, which the engine's own catalogue queries select
    }
    return result
  }
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    for (const index of charColumns) result.columnTypes[index] = ColumnTypeEnum.Character
    return result
  }
  adapter.executeScript = async (script) => {
    try {
      await adapter.client.query(script) // the adapter's own cuts at every semicolon, also inside a function's body
    } catch (error) {
      adapter.onError(error)
    }
  }
  return adapter
}
