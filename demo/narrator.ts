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
  tell(`  -> ${(firstLine ?? '').replace(/ \{$/, '')}  ${readable(variables)}`)
}

const SECRET = /password|token/i
const VECTOR_SHOWN = 3

function readable(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (SECRET.test(key) && typeof part === 'string') return `${part.slice(0, 4)}...`
    if (Array.isArray(part) && part.length > 50)
      return `[${part.slice(0, VECTOR_SHOWN).join(', ')}, ... ${part.length} numbers]`
    return part
  })
}
