import type { ConsentResolvers } from '../generated/resolvers.js'

export const consent: ConsentResolvers = {
  kind: ({ document }) => document.kind,
  currentVersion: ({ document }) => document.version,
  url: ({ document }) => document.url,
  given: ({ history }) => history[0]?.given ?? false,
  isCurrent: ({ document, history: [newest] }) => newest?.given === true && newest.version === document.version,
}
