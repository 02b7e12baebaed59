/** Starts the bundled gateway on the house's own supergraph, and writes the code cache once it answers. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'

const dist = path.join(import.meta.dirname, '..', 'dist')

const server = createServer().listen(0, '127.0.0.1', () => {
  const { port } = server.address()
  server.close(() => void warm(port))
})

async function warm(port) {
  const supergraph = path.join(import.meta.dirname, '..', 'schema', 'supergraph.graphql')
  process.argv.push('--supergraph', supergraph, '--port', `${port}`)
  const { script } = await import(path.join(dist, 'start-gateway.mjs'))
  while (!(await answers(port))) await new Promise((resolve) => setTimeout(resolve, 20))
  writeFileSync(path.join(dist, 'gateway.cache'), script.createCachedData())
  process.exit(0)
}

/** False while nobody listens. */
async function answers(port) {
  const headers = { 'content-type': 'application/json' }
  const ask = (query) =>
    fetch(`http://127.0.0.1:${port}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) })
  try {
    const response = await ask('{ __typename }')
    return response.ok
  } catch {
    return false
  }
}
