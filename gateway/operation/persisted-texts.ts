import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { OperationRefused } from '../gateway-error.js'
import type { DocumentStore } from './document-store.js'

/** An operation as a client names it: by its text, its text's hash, or both. */
export interface NamedOperation {
  readonly query: string
  readonly extensions?: unknown
}

/**
 * The text of an operation. With text and hash, the text is kept for whoever names the hash alone next, by whatever door. Throws
 * OperationRefused, in Apollo Server's words: PERSISTED_QUERY_NOT_FOUND, to be asked again with the text, or BAD_REQUEST.
 */
export type TextOf = (named: NamedOperation) => string

export interface PersistedTexts {
  readonly textOf: TextOf
  /** The same texts, as Apollo Server keeps them. */
  readonly cache: {
    get(key: string): Promise<string | undefined>
    /** Called once the text has been found valid. */
    set(key: string, text: string): Promise<void>
    delete(key: string): Promise<boolean>
  }
}

const MAXIMUM_TEXTS_BYTES = 30 * 1024 * 1024 // as Apollo Server's own
const PREFIX = 'apq:' // as Apollo Server's own

/** https://github.com/apollographql/apollo-link-persisted-queries#protocol */
const persisted = z.object({ persistedQuery: z.object({ version: z.unknown(), sha256Hash: z.string() }) })

/** `documents` are those of the supergraph in use. None whose text holds a secret is kept. */
export function createPersistedTexts(documents: () => Pick<DocumentStore, 'read' | 'mayBeKept'>): PersistedTexts {
  const texts = new LRUCache<string, string>({
    maxSize: MAXIMUM_TEXTS_BYTES,
    sizeCalculation: ({ length }) => length + 1,
  })
  const keep = (key: string, text: string): void => {
    if (documents().mayBeKept(documents().read(text))) texts.set(key, text)
  }
  return {
    textOf({ query, extensions }) {
      const named = extensions === undefined || extensions === null ? undefined : persisted.safeParse(extensions).data
      if (named === undefined) return query
      const { version, sha256Hash } = named.persistedQuery
      if (version !== 1) throw refused('Unsupported persisted query version', 'BAD_REQUEST')
      const key = `${PREFIX}${sha256Hash}`
      if (query === '') {
        const text = texts.get(key)
        if (text === undefined) throw refused('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND')
        return text
      }
      if (createHash('sha256').update(query).digest('hex') !== sha256Hash) {
        throw refused('provided sha does not match query', 'BAD_REQUEST')
      }
      if (!texts.has(key)) keepIfValid(() => keep(key, query))
      return query
    },
    cache: {
      get: async (key) => texts.get(key),
      set: async (key, text) => keep(key, text),
      delete: async (key) => texts.delete(key),
    },
  }
}

/** What is not valid is not kept: whoever is to run it says why. */
function keepIfValid(keep: () => void): void {
  try {
    keep()
  } catch (error) {
    if (!(error instanceof OperationRefused)) throw error
  }
}

function refused(message: string, code: string): OperationRefused {
  return new OperationRefused([new GraphQLError(message, { extensions: { code } })])
}
