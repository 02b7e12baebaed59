import type { ApolloServerOptions, BaseContext } from '@apollo/server'
import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { DocumentStore } from '../operation/document-store.js'
import type { PersistedTexts } from '../operation/persisted-texts.js'

type Options = ApolloServerOptions<BaseContext>
type ApolloCaches = Required<Pick<Options, 'documentStore'>> & {
  readonly persistedQueries: Exclude<Options['persistedQueries'], false | undefined>
}

const MAXIMUM_DOCUMENTS = 2_000 // as in our own store

/** What Apollo Server keeps of operations: none whose text holds a secret, neither parsed nor for its hash. */
export function createApolloCaches(documents: () => DocumentStore, { cache }: PersistedTexts): ApolloCaches {
  const parsed = new LRUCache<string, DocumentNode>({ max: MAXIMUM_DOCUMENTS })
  return {
    documentStore: {
      get: async (key) => parsed.get(key),
      set: async (key, document) => {
        if (documents().mayBeKept(document)) parsed.set(key, document)
      },
      delete: async (key) => parsed.delete(key),
    },
    persistedQueries: { cache },
  }
}
