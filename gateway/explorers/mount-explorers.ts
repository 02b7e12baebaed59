/**
 * Pages for people who explore the graph. In: GETs of a browser. Out: Apollo Sandbox on the GraphQL path (it needs the
 * internet), GraphiQL on /explorer (it does not). They are for development: a gateway in production does not mount them.
 */
import { randomBytes } from 'node:crypto'
import type { Express, Request } from 'express'
import { loadGraphiqlPage, type GraphiqlPage } from './graphiql-page.js'
import { renderSandboxPage, sandboxPolicy } from './sandbox-page.js'

export const EXPLORER_PATH = '/explorer'

/** To be mounted before the GraphQL route: what is no browser's visit is passed on to it. */
export function mountExplorers(app: Express, graphqlPath: string): void {
  app.get(graphqlPath, (req, res, next) => {
    if (!isVisit(req)) return next()
    const nonce = randomBytes(16).toString('base64')
    res.setHeader('content-security-policy', sandboxPolicy(nonce))
    res.type('html').send(renderSandboxPage({ graphqlPath, offlinePath: EXPLORER_PATH, nonce }))
  })

  let graphiql: Promise<GraphiqlPage> | undefined
  app.get(EXPLORER_PATH, async (_req, res) => {
    const page = await (graphiql ??= loadGraphiqlPage(graphqlPath))
    res.setHeader('content-security-policy', page.policy)
    res.type('html').send(page.html)
  })
}

/** A browser that wants a page, and not the answer to a query. */
function isVisit(req: Request): boolean {
  return req.query['query'] === undefined && req.accepts(['json', 'html']) === 'html'
}
