/**
 * Who never imports whom. In: a file's path and what it imports, both from the project's root. Out: the sentence a person
 * needs when the import climbs a fence, or null. ESLint calls it for every import; see house-rules.mjs.
 */
const inFolder = (...folders) => {
  const starts = folders.map((folder) => `${folder}/`)
  return (target) => starts.some((start) => target.startsWith(start))
}
const isPackage = (...names) => {
  const wanted = names.map((name) => `package:${name}`)
  return (target) => wanted.some((name) => target === name || target.startsWith(name.endsWith('/') ? name : `${name}/`))
}
const either =
  (...tests) =>
  (target) =>
    tests.some((test) => test(target))

const isDriver = either(
  isPackage('graphql', 'graphql-shield', 'graphql-middleware', 'dataloader', 'express', 'ioredis', 'pg', '@apollo/'),
  isPackage('@prisma/', '@nats-io/', '@as-integrations/'),
  inFolder('platform/graphql', 'platform/database', 'platform/bus', 'platform/service'),
)

/** `from` is matched against the importing file; `refuses` gets the target and what `from` captured. */
export const fences = [
  {
    from: /^platform\//,
    refuses: inFolder('gateway', 'subgraphs', 'schema', 'launcher', 'clients'),
    because:
      'platform/ knows no product. Pass what it needs as an argument, or move this file to the folder that needs it.',
  },
  {
    from: /^gateway\//,
    refuses: inFolder('subgraphs', 'schema', 'launcher', 'clients'),
    because:
      'gateway/ runs any supergraph and knows no product. It speaks HTTP, WebSocket and NATS to subgraphs; what both need belongs in platform/.',
  },
  {
    from: /^subgraphs\/([^/]+)\//,
    refuses: (target, [, own]) => target.startsWith('subgraphs/') && !target.startsWith(`subgraphs/${own}/`),
    because:
      'A subgraph never imports another. It knows another only by entity key (@key in its SDL) or by event (schema/contracts).',
  },
  {
    from: /^subgraphs\//,
    refuses: inFolder('gateway', 'launcher', 'clients'),
    because:
      'A subgraph knows neither the gateway in front of it nor who starts it. Shared machinery belongs in platform/.',
  },
  {
    from: /^subgraphs\/([^/]+)\/domain\//,
    refuses: (target, [, own]) =>
      isDriver(target) ||
      inFolder(...['resolvers', 'persistence', 'events', 'generated'].map((room) => `subgraphs/${own}/${room}`))(
        target,
      ),
    because:
      'domain/ is pure TypeScript. Declare the narrow interface the use case needs beside it; persistence/ and events/ fit that interface and service.ts joins them.',
  },
  {
    from: /^subgraphs\/([^/]+)\/resolvers\//,
    refuses: (target, [, own]) =>
      inFolder(`subgraphs/${own}/persistence`, `subgraphs/${own}/generated/prisma`)(target) ||
      isPackage('@prisma/')(target),
    because:
      'A resolver never reads the database. Call a use case of domain/ or a loader from the context; service.ts puts them there.',
  },
  {
    from: /^schema\/contracts\//,
    refuses: (target) => !isPackage('zod')(target),
    because: 'A contract is what two programs agree on: it imports zod and nothing else.',
  },
  {
    from: /^clients\//,
    refuses: inFolder('platform', 'gateway', 'subgraphs', 'launcher'),
    because:
      'clients/ is what a frontend uses: it knows the public schema and its generated documents, never server code.',
  },
]

const testFile = /\.test\.ts$/
const productFolders = /^(platform|gateway|subgraphs|schema|clients)\//
const testsFence =
  'Product code never imports tests/. Move what both use into the product, or hand it in as an argument.'

/** The reason why `file` may not import `target` (a path, or `package:name`), or null. */
export function brokenFence(file, target) {
  for (const { from, refuses, because } of fences) {
    const match = from.exec(file)
    if (match !== null && refuses(target, match)) return because
  }
  const isProduct = productFolders.test(file) && !testFile.test(file)
  return isProduct && target.startsWith('tests/') ? testsFence : null
}
