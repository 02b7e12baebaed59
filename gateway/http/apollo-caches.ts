import type { ApolloServerOptions, BaseContext } from '@apollo/server'
import type { DocumentNode } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { DocumentStore } from '../operation/document-store.js'

type Options = ApolloServerOptions<BaseContext>
type ApolloCaches = Required<Pick<Options, 'documentStore'>> & {
  readonly persistedQueries: Exclude<Options['persistedQueries'], false | undefined>
}

const MAXIMUM_DOCUMENTS = 2_000 // as in our own store
const MAXIMUM_TEXTS_BYTES = 30 * 1024 * 1024 // as Apollo Server's own

/** What Apollo Server keeps of operations: none whose text holds a secret, neither parsed nor for its hash. */
export function createApolloCaches(documents: () => DocumentStore): ApolloCaches {
  const parsed = new LRUCache<string, DocumentNode>({ max: MAXIMUM_DOCUMENTS })
  const texts = new LRUCache<string, string>({
    maxSize: MAXIMUM_TEXTS_BYTES,
    sizeCalculation: ({ length }) => length + 1,
  })
  return {
    documentStore: {
      get: async (key) => parsed.get(key),
      set: async (key, document) => {
        if (documents().mayBeKept(document)) parsed.set(key, document)
      },
      delete: async (key) => parsed.delete(key),
    },
    persistedQueries: {
      cache: {
        get: async (key) => texts.get(key),
        // called once the text has been found valid
        set: async (key, text) => {
          if (documents().mayBeKept(documents().read(text))) texts.set(key, text)
        },
        delete: async (key) => texts.delete(key),
      },
    },
  }
}
