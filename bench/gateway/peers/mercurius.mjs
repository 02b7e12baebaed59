/**
 * Mercurius' gateway on Fastify, with its compiler of queries switched on. It makes documents with names that are no text, which
 * the printer of graphql-js does not bear in versions later than 16.12: that one is installed for all the peers.
 */
import Fastify from 'fastify'
import mercuriusGateway from '@mercuriusjs/gateway'

const { port, urls } = JSON.parse(process.argv[2])
const app = Fastify()
app.register(mercuriusGateway, {
  jit: 1,
  gateway: {
    services: Object.entries(urls).map(([name, url]) => ({
      name,
      url,
      rewriteHeaders: (headers) => (headers.authorization ? { authorization: headers.authorization } : {}),
    })),
  },
})
await app.listen({ port, host: '127.0.0.1' })
