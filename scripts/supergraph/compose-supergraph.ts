/**
 * In: the SDL folders of `schema/` and the addresses in `schema/supergraph.json`. Out: the supergraph for the gateway and
 * the API schema for clients. It refuses to compose what has faults, and says where they are.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { composeServices } from '@apollo/composition'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { parse, printSchema } from 'graphql'
import { z } from 'zod'

const configuration = z.object({ subgraphs: z.record(z.string(), z.object({ url: z.url() })) })

export interface ComposedSchema {
  readonly supergraphSdl: string
  readonly apiSdl: string
}

/** Composes the subgraphs of a schema folder. Throws an Error whose message lists every composition fault. */
export function composeSupergraph(schemaFolder: string): ComposedSchema {
  const { subgraphs } = configuration.parse(
    JSON.parse(readFileSync(path.join(schemaFolder, 'supergraph.json'), 'utf8')),
  )
  const services = Object.entries(subgraphs).map(([name, { url }]) => ({
    name,
    url,
    typeDefs: parse(readSdl(path.join(schemaFolder, name)), { noLocation: false }),
  }))
  const result = composeServices(services)
  if (result.errors) {
    throw new Error(`The subgraphs do not compose:\n${result.errors.map((error) => `  - ${error.message}`).join('\n')}`)
  }
  const supergraph = Supergraph.build(result.supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  return {
    supergraphSdl: `${result.supergraphSdl.trim()}\n`,
    apiSdl: `${printSchema(supergraph.apiSchema().toGraphQLJSSchema()).trim()}\n`,
  }
}

function readSdl(folder: string): string {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
  return files.map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n')
}
