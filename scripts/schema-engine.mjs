#!/usr/bin/env node
/**
 * Stands in for Prisma's native schema-engine binary (PRISMA_SCHEMA_ENGINE_BINARY), which is not to be had from the npm
 * registry. In: the CLI's arguments, then JSON-RPC, a line a message, on standard input. Out: the answers of the
 * WebAssembly build of the same engine, run over node-postgres. It refuses methods that engine does not have.
 */
import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import readline from 'node:readline'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { readArguments, SchemaEngineAdapters } from './schema-engine-adapters.mjs'
import { runDatabaseCommand } from './schema-engine-commands.mjs'

const { datamodels, datasource, command, versionAsked } = readArguments(process.argv.slice(2))

if (versionAsked) {
  console.log('schema-engine-cli wasm')
} else if (command[0] === 'cli') {
  process.exitCode = await runDatabaseCommand(command[1], datasource)
} else {
  await serve()
}

async function serve() {
  const engineClass = await loadEngine()
  const files = datamodels.length === 0 ? undefined : datamodels.map((file) => [file, fs.readFileSync(file, 'utf8')])
  const adapters = bindMigrationAwareSqlAdapterFactory(new SchemaEngineAdapters(datasource))
  let engine
  const call = async (method, params) => {
    engine ??= await engineClass.new({ datamodels: files }, () => {}, adapters)
    if (method === 'getDatabaseVersion') return engine.version(params ?? null)
    if (typeof engine[method] !== 'function') throw new Error(`schema-engine (wasm): unsupported method ${method}`)
    return engine[method](params)
  }
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    const message = JSON.parse(line)
    if (message.method) await answer(message, call)
  }
  process.exit(0)
}

async function answer({ id, method, params }, call) {
  try {
    const result = (await call(method, params)) ?? {}
    // the native engine prints a diff by calling the CLI back
    if (method === 'diff' && result.stdout) send({ id: 1e6 + id, method: 'print', params: { content: result.stdout } })
    send({ id, result })
  } catch (error) {
    const data = { is_panic: false, ...faultOf(error) }
    send({ id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data } })
  }
}

/** The engine throws its faults as JSON in the message. */
function faultOf(error) {
  const message = error?.message ?? String(error)
  try {
    const fault = JSON.parse(message)
    return { message: fault.message ?? message, error_code: fault.code ?? fault.error_code ?? error?.code }
  } catch {
    return { message, error_code: error?.code }
  }
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

async function loadEngine() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message: (message) => process.stderr.write(`${JSON.stringify({ level: 'ERROR', fields: { message } })}\n`),
  }
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const background = await import(glue)
  const binary = fs.readFileSync(path.join(path.dirname(glue), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(binary, { './schema_engine_bg.js': background })
  background.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return background.SchemaEngine
}
