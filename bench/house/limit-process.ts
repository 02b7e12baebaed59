/**
 * The limit: what raw Node can do at best where the gateway stands. It makes the same two subgraph calls for the `me` query
 * and merges by hand; it parses, validates, plans and checks nothing. Prints its port as one line of JSON.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { z } from 'zod'

const [authOrigin, userOrigin] = z.tuple([z.url(), z.url()]).parse(process.argv.slice(2))
const auth = new Pool(authOrigin, { connections: 50 })
const user = new Pool(userOrigin, { connections: 50 })

interface Me {
  data: { me: { __typename: string; id: string; profile: unknown } }
}
interface Entities {
  data: { _entities: [{ email: string }] }
}

const ME = JSON.stringify({ query: '{ me { __typename id profile { displayName } } }' })
const EMAIL =
  'query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on User { email } } }'

async function ask<Answer>(pool: Pool, authorization: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization }
  const response = await pool.request({ path: '/graphql', method: 'POST', headers, body })
  return JSON.parse(await response.body.text())
}

const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    void answer(request.headers.authorization ?? '').then((body) => {
      response.setHeader('content-type', 'application/json')
      response.end(body)
    })
  })
})

async function answer(authorization: string): Promise<string> {
  const { me } = (await ask<Me>(user, authorization, ME)).data
  const representations = [{ __typename: 'User', id: me.id }]
  const found = await ask<Entities>(
    auth,
    authorization,
    JSON.stringify({ query: EMAIL, variables: { representations } }),
  )
  return JSON.stringify({ data: { me: { id: me.id, email: found.data._entities[0].email, profile: me.profile } } })
}

server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })))
process.once('SIGTERM', () => process.exit(0))
