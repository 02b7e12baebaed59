/** Hive Gateway with its query planner in Rust. */
import { createServer } from 'node:http'
import { readFileSync } from 'node:fs'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { unifiedGraphHandler } from '@graphql-hive/router-runtime'

const { port, supergraph } = JSON.parse(process.argv[2])
const gateway = createGatewayRuntime({
  supergraph: readFileSync(supergraph, 'utf8'),
  unifiedGraphHandler,
  logging: false,
  landingPage: false,
  graphiql: false,
  healthCheckEndpoint: '/healthcheck',
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') ?? undefined }),
  },
})
createServer(gateway).listen(port, '127.0.0.1')
