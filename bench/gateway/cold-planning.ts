import { setTimeout as delay } from 'node:timers/promises'
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'
import { defaultDocumentLimits } from '../../gateway/operation/default-limits.js'
import { createGeneration } from '../../gateway/supergraph/generation.js'

const TYPES = 1_000
const SUBGRAPHS = 10
const limits = { ...defaultDocumentLimits, introspection: false, suggestions: false }

/** Each entity is extended by the next subgraph, and links to the next entity. */
function largeGraph(): string {
  const parts = Array.from({ length: SUBGRAPHS }, () => 'type Query { _part: Int @shareable }\n')
  for (let index = 0; index < TYPES; index += 1) {
    const next = (index + 1) % TYPES
    parts[index % SUBGRAPHS] +=
      `type T${index} @key(fields: "id") { id: ID! name: String size: Int next: T${next} }\nextend type Query { t${index}: T${index} }\n` +
      `type T${next} @key(fields: "id", resolvable: false) { id: ID! }\n`
    parts[(index + 1) % SUBGRAPHS] += `extend type T${index} @key(fields: "id") { extra: String }\n`
  }
  const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n'
  const services = parts.map((sdl, index) => ({
    name: `s${index}`,
    url: 'http://127.0.0.1/',
    typeDefs: parse(link + mergeStubs(sdl)),
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (supergraphSdl === undefined) throw new Error(errors?.map(({ message }) => message).join('\n'))
  return supergraphSdl
}

/** A subgraph that extends an entity has no need of its stub. */
function mergeStubs(sdl: string): string {
  const extended = new Set([...sdl.matchAll(/extend type (T\d+) @key/g)].map((match) => match[1]))
  const withoutStubs = sdl.replaceAll(
    /type (T\d+) @key\(fields: "id", resolvable: false\) \{ id: ID! \}\n/g,
    (stub, name) => (extended.has(name) ? '' : stub),
  )
  return withoutStubs.replaceAll(/extend type (T\d+ @key\(fields: "id"\)) \{/g, 'type $1 { id: ID!')
}

const chain = (root: number, depth: number): string =>
  `t${root} { ${'name extra next { '.repeat(depth)}id${' }'.repeat(depth)} }`

/** How long an operation never seen before keeps the event loop, on a supergraph of 1,000 types. */
export async function measureColdPlanning(): Promise<string[]> {
  const sdl = largeGraph()
  const before = performance.now()
  const generation = createGeneration(1, sdl, { urlOverrides: new Map(), limits })
  const loadedMs = performance.now() - before
  const plan = (query: string): Promise<number> =>
    longestKept(async () => {
      const document = generation.documents.read(query)
      await generation.plans.planFor(generation.documents.select(document, undefined))
    })
  const first = await plan(`{ ${chain(0, 4)} }`)
  const later: number[] = []
  for (let index = 0; index < 10; index += 1) later.push(await plan(`{ ${chain(index * 17, 2 + index)} }`))
  const wide = (from: number, roots: number): string =>
    `{ ${Array.from({ length: roots }, (_, index) => chain(from + index, 8)).join(' ')} }`
  const here = await plan(wide(500, 5))
  const apart = await plan(wide(600, 20))
  await generation.plans.close()
  return [
    '',
    `A supergraph of ${TYPES} types in ${SUBGRAPHS} subgraphs loads in ${loadedMs.toFixed(0)} ms; the event loop is kept`,
    `${first.toFixed(0)} ms by the first operation, at most ${Math.max(...later).toFixed(0)} ms by ten later ones of 3 to 12 levels, none seen before,`,
    `${here.toFixed(0)} ms by one of 130 fields; and ${apart.toFixed(0)} ms by one of 520, which is planned in a process of its own`,
  ]
}

/** The longest, in milliseconds, that a piece of work keeps everything else of this process waiting. */
async function longestKept(work: () => Promise<void>): Promise<number> {
  let last = performance.now()
  let longest = 0
  const turn = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }, 1)
  await delay(10)
  longest = 0 // Node's own histogram would not count what comes right after it was emptied
  await work()
  await delay(10)
  clearInterval(turn)
  return longest
}
