import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { mountExplorers } from '../../../gateway/explorers/mount-explorers.js'

let server: Server
let url: string

beforeEach(async () => {
  const app = express()
  mountExplorers(app, '/graphql')
  app.use('/graphql', (_req, res) => void res.json({ data: { passedOn: true } }))
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

const get = async (path: string, accept: string) => {
  const response = await fetch(new URL(path, url), { headers: { accept } })
  return {
    type: response.headers.get('content-type'),
    policy: response.headers.get('content-security-policy'),
    text: await response.text(),
  }
}

describe('the explorers', () => {
  it('wire the subscription endpoint into Apollo Sandbox, beside the HTTP one', async () => {
    const { text } = await get('/graphql', 'text/html,*/*;q=0.8')
    expect(text).toContain('initialSubscriptionEndpoint')
    expect(text).toContain('new URL("/graphql", location.href)')
  })

  it('leave the GraphQL path to GraphQL for whoever is no browser or brings a query', async () => {
    for (const [path, accept] of [
      ['/graphql', '*/*'],
      ['/graphql', 'application/json'],
      ['/graphql?query=%7B__typename%7D', 'text/html'],
    ] as const) {
      expect((await get(path, accept)).text).toBe('{"data":{"passedOn":true}}')
    }
  })

  it('allow each page its own script and no inline code besides', async () => {
    const sandbox = await get('/graphql', 'text/html')
    const again = await get('/graphql', 'text/html')
    expect(sandbox.policy).toMatch(/script-src 'nonce-[^']+' https:\/\/embeddable-sandbox\.cdn\.apollographql\.com;/)
    expect(again.policy).not.toBe(sandbox.policy)
    const graphiql = await get('/explorer', 'text/html')
    expect(graphiql.policy).toMatch(/script-src 'sha256-[^']+';/)
    for (const { policy } of [sandbox, graphiql]) {
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toMatch(/script-src[^;]*unsafe/)
    }
  })
})
