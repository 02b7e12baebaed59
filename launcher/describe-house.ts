import { serviceNames } from './config.js'
import type { House } from './start-house.js'

/** What is running, where, on which engines, and what to try. */
export function describeHouse(
  { ports, engines, page }: Pick<House, 'ports' | 'engines' | 'page'>,
  startMs: number,
): string {
  const gateway = `http://localhost:${ports.gateway}`
  const graphql = `${gateway}/graphql`
  const parts: readonly (readonly [string, string])[] = [
    ['gateway', graphql],
    ...(page === null ? [] : [['page', page] as const]),
    ...serviceNames.map((name) => [name, `http://localhost:${ports[name]}/graphql`] as const),
    ['database', engines.database],
    ['bus', engines.bus],
    ['cache', engines.cache],
  ]
  const query = '{"query":"{ contents(first: 3) { edges { node { title author { profile { displayName } } } } } }"}'
  return [
    '',
    `Biometrics is running, ready after ${(startMs / 1000).toFixed(1)} s.`,
    '',
    ...parts.map(([name, what]) => `  ${name.padEnd(10)} ${what}`),
    '',
    `${page === null ? 'Three' : 'Four'} things to try:`,
    ...(page === null ? [] : [`  open ${page} in a browser: open an account, and sign in by a passkey`]),
    `  open ${gateway}/explorer in a browser: write operations and watch subscriptions, without the internet`,
    `  ${ports.gateway === 8080 ? '' : `GATEWAY_URL=${graphql} `}npm run demo: the whole story, step by step`,
    `  curl ${graphql} -H 'content-type: application/json' -d '${query}'`,
    '',
    'Ctrl-C stops everything, the database too.',
    '',
  ].join('\n')
}
