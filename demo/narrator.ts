import { inspect } from 'node:util'
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import type { GraphqlClient } from '../clients/graphql-client.js'

/** Takes the lines of a story as they happen; the demo prints them, tests keep quiet. */
export type Tell = (line: string) => void

/** The same client, telling what is sent and what comes back, with secrets and long vectors cut short. */
export function narrated(client: GraphqlClient, tell: Tell): GraphqlClient {
  return {
    async request(document, variables) {
      tellSent(tell, document, variables)
      const data = await client.request(document, variables)
      tell(`  <- ${readable(data)}`)
      return data
    },
    async *subscribe(document, variables) {
      tellSent(tell, document, variables)
      for await (const data of client.subscribe(document, variables)) {
        tell(`  << ${readable(data)}`)
        yield data
      }
    },
    close: () => client.close(),
  }
}

function tellSent(tell: Tell, document: TypedDocumentNode<unknown, never>, variables: unknown): void {
  const [firstLine] = print(document).split('\n')
  const operation = /^(\w+ \w+)/.exec(firstLine ?? '')?.[1] ?? 'an operation'
  tell(`  -> ${operation} ${readable(variables)}`)
}

const SECRET = /password|token/i
const VECTOR_SHOWN = 3

/** Like JSON but for people: wrapped, indented below the arrow, secrets and vectors cut short. */
function readable(value: unknown): string {
  const shown = inspect(shorten('', value), { depth: null, breakLength: 100, compact: 4 })
  return shown.replaceAll('\n', '\n     ')
}

function shorten(key: string, value: unknown): unknown {
  if (SECRET.test(key) && typeof value === 'string') return `${value.slice(0, 4)}...`
  if (Array.isArray(value) && value.length > 50)
    return `[${value.slice(0, VECTOR_SHOWN).join(', ')}, ... ${value.length} numbers]`
  if (Array.isArray(value)) return value.map((item) => shorten('', item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shorten(name, part)]))
}
