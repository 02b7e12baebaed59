/**
 * Small subgraphs for tests of the gateway. In: SDL and resolvers by name. Out: servers on loopback, the supergraph composed
 * of them, and what each was asked. A test may take over a subgraph's answers to make it fail in its own way.
 */
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { composeServices } from '@apollo/composition'
import { buildSubgraphSchema } from '@apollo/subgraph'
import type { GraphQLResolverMap } from '@apollo/subgraph/dist/schema-helper/index.js'
import { execute, parse, type GraphQLSchema } from 'graphql'
import { z } from 'zod'

export interface TestSubgraphDefinition {
  /** The link to the federation specification is added, unless there is a `@link` in it. */
  readonly typeDefs: string
  /** For a schema as of the first federation, which knew no `@link`. */
  readonly federation?: 1
  readonly resolvers?: GraphQLResolverMap<unknown>
  /** In place of a server's, e.g. `nats://events`: then there is no server. */
  readonly url?: string
}

export interface AskedRequest {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly operationName: string | undefined
  readonly headers: IncomingHttpHeaders
}

/** Answers in place of the resolvers; `asked.execute` still does what they would. */
export type TakeOver = (
  asked: AskedRequest & { execute(): Promise<unknown> },
  res: ServerResponse,
) => void | Promise<void>

export interface TestSubgraph {
  readonly name: string
  readonly url: string
  /** Everything it was asked, in order. */
  readonly asked: AskedRequest[]
  /** Empties `asked` and ends a take-over. */
  reset(): void
  /** Until `reset`, or the next take-over. */
  takeOver(answer: TakeOver): void
  /** Open at the moment. */
  connections(): Promise<number>
  /** Stops listening and cuts every connection: as if the process was killed. */
  stop(): Promise<void>
}

export interface TestGraph {
  readonly supergraph: string
  subgraph(name: string): TestSubgraph
  close(): Promise<void>
}

const federationLink = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires",
  "@provides", "@external", "@shareable", "@inaccessible", "@interfaceObject", "@override", "@composeDirective"])\n`

export interface TestGraphOptions {
  /** False composes also what no plan can reach, as a supergraph of another tool may hold it. */
  readonly satisfiable?: boolean
}

/** Starts the subgraphs on free ports and composes them. Throws when they don't compose. */
export async function startTestSubgraphs(
  definitions: Readonly<Record<string, TestSubgraphDefinition>>,
  { satisfiable = true }: TestGraphOptions = {},
): Promise<TestGraph> {
  const started = new Map<string, TestSubgraph>()
  const services: { name: string; url: string; typeDefs: ReturnType<typeof parse> }[] = []
  for (const [name, definition] of Object.entries(definitions)) {
    const typeDefs = parse(
      definition.federation === 1 || definition.typeDefs.includes('@link(')
        ? definition.typeDefs
        : federationLink + definition.typeDefs,
    )
    if (definition.url === undefined) {
      const schema = buildSubgraphSchema({ typeDefs, ...(definition.resolvers && { resolvers: definition.resolvers }) })
      started.set(name, await startSubgraph(name, schema))
    }
    services.push({ name, typeDefs, url: definition.url ?? started.get(name)?.url ?? '' })
  }
  const close = async () => void (await Promise.all([...started.values()].map((subgraph) => subgraph.stop())))
  const composed = composeServices(services, { runSatisfiability: satisfiable })
  if (composed.supergraphSdl === undefined) {
    await close()
    throw new Error((composed.errors ?? []).join('\n'))
  }
  return {
    supergraph: composed.supergraphSdl,
    subgraph(name) {
      const subgraph = started.get(name)
      if (subgraph === undefined) throw new Error(`There is no test subgraph ${name}.`)
      return subgraph
    },
    close,
  }
}

const requestBody = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).default({}),
  operationName: z.string().optional(),
})

async function startSubgraph(name: string, schema: GraphQLSchema): Promise<TestSubgraph> {
  const asked: AskedRequest[] = []
  let answer: TakeOver | null = null
  const server = createServer((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { query, variables, operationName } = requestBody.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
      const request = { query, variables, operationName, headers: req.headers }
      asked.push(request)
      const run = async () =>
        execute({ schema, document: parse(query), variableValues: variables, contextValue: request })
      const answering =
        answer === null ? run().then((result) => answerJson(res, result)) : answer({ ...request, execute: run }, res)
      Promise.resolve(answering).catch((error: unknown) => res.destroy(error instanceof Error ? error : undefined))
    })
  })
  const port = await listen(server)
  return {
    name,
    url: `http://127.0.0.1:${port}/graphql`,
    asked,
    reset() {
      asked.length = 0
      answer = null
    },
    takeOver: (takeOver) => void (answer = takeOver),
    connections: () => promisify(server.getConnections.bind(server))(),
    stop: () => stop(server),
  }
}

export function answerJson(res: ServerResponse, body: unknown, status = 200): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  res.end(JSON.stringify(body))
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
