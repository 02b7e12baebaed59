import type { DocumentLimits } from './document-store.js'

/** What documents may be unless configuration says otherwise, each number with its reason. */
export const defaultDocumentLimits: DocumentLimits = {
  maxTokens: 10_000, // the introspection query has about 300
  maxNesting: 256, // a field within a fragment within a field: twice maxDepth and more; stacks bear thousands
  maxDepth: 25, // generated clients reach 10 to 15
  maxAliases: 100,
  maxRootFields: 50, // a dashboard has ten or twenty
  maxFields: 5_000, // the introspection query has about 300, generated documents a few hundred
  maxDuplicates: 100, // generated documents repeat ids across fragments, seldom within one selection set
  maxDirectives: 100,
  maxFragments: 250, // validators compare each with each
  maxVariableDepth: 50, // forms reach 5 to 10; the stack bears thousands
  maxValidationErrors: 20, // enough to mend a document by
  introspection: true,
  suggestions: true,
}
