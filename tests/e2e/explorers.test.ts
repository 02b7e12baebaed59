import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { createGraphqlClient } from '../../clients/graphql-client.js'
import { agreeToModels } from '../../demo/agree-to-models.js'
import { describeWithEngine } from '../support/engines.js'
import { openBrowser } from '../support/open-browser.js'
import { post } from '../support/raw-request.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'

await describeWithEngine('chromium', 'the explorers in a browser', () => {
  let supergraph: Supergraph
  let browser: Browser
  let page: Page
  let asked: URL[]
  let complaints: string[]

  beforeAll(async () => {
    supergraph = await startSupergraph()
    browser = await openBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await supergraph?.close()
  }, 30_000)

  beforeEach(async () => {
    page = await browser.newPage()
    asked = []
    complaints = []
    page.on('request', (request) => asked.push(new URL(request.url())))
    page.on('websocket', (socket) => asked.push(new URL(socket.url())))
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  })
  afterEach(() => page.close())

  const open = (query: string) =>
    page.goto(new URL(`/explorer?query=${encodeURIComponent(query)}`, supergraph.url).href)
  const execute = () => page.getByRole('button', { name: /execute/i }).click()
  const resultShows = (words: string) => page.locator('.graphiql-response', { hasText: words }).waitFor()
  const foreignHosts = () => asked.filter(({ hostname }) => hostname !== '' && hostname !== '127.0.0.1')

  it('GraphiQL answers a query, without a word to the internet', async () => {
    await open('{ __typename me { id } }')
    await execute()
    await resultShows('"me": null')
    expect(foreignHosts()).toEqual([])
    expect(complaints).toEqual([])
  })

  it('GraphiQL streams a subscription over the WebSocket of the same address, with the token of its headers', async () => {
    const token = await supergraph.issuer.token()
    await agreeToModels(createGraphqlClient({ url: supergraph.url, accessToken: () => token }))
    const answer = await post(
      supergraph.url,
      'mutation { generateWithAi(input: { prompt: "hello" }) { id } }',
      {},
      token,
    )
    const { id } = answer.body.data?.['generateWithAi'] as { id: string }
    await open(`subscription { aiRequestProgress(id: "${id}") { state request { output } } }`)
    await page.getByRole('button', { name: 'Headers' }).click()
    await page.locator('.graphiql-editor-tool .graphiql-editor:visible').click()
    await page.keyboard.insertText(JSON.stringify({ Authorization: `Bearer ${token}` }))
    await execute()
    await resultShows('COMPLETED')
    expect(asked.map(({ protocol, pathname }) => `${protocol}${pathname}`)).toContain('ws:/graphql')
    expect(foreignHosts()).toEqual([])
  })

  it('Apollo Sandbox is what a browser finds on the GraphQL path, and it says where to go without the internet', async () => {
    await page.goto(supergraph.url)
    await page.getByRole('link', { name: 'GraphiQL' }).click()
    await page.waitForURL(/\/explorer/)
    expect([...new Set(foreignHosts().map(({ hostname }) => hostname))]).toEqual([
      'embeddable-sandbox.cdn.apollographql.com',
    ])
  })
})
