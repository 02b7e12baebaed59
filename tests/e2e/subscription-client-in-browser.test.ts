import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createReadStream, existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'
import { startCuttingProxy, type CuttingProxy } from '../support/cutting-proxy.js'
import { describeWithEngines } from '../support/engines.js'
import { startLiveHouse, type LiveHouse } from '../support/live-house.js'
import { MOVED } from '../support/moving-things.js'
import { openBrowser } from '../support/open-browser.js'
import { until } from '../support/until.js'

/** What a bundler would do: bare names become files. */
const imports = {
  graphql: '/node_modules/graphql/index.mjs',
  'graphql-ws': '/node_modules/graphql-ws/dist/client.js',
  zod: '/node_modules/zod/index.js',
}

const pageOf = (url: string) => `<!doctype html><title>live</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { parse } from 'graphql'
  import { createSubscriptionClient } from '/dist/clients/subscription-client/subscription-client.js'
  window.seen = []
  const client = createSubscriptionClient({ url: ${JSON.stringify(url)} })
  const stream = client.subscribe(parse(${JSON.stringify(MOVED)}), { topic: '0' })
  for await (const { data } of stream) {
    window.seen.push(data.moved.number)
    if (window.seen.length === 20) break
  }
  window.left = true
</script>`

async function servePage(gatewayUrl: () => string): Promise<Server> {
  const server = createServer((request, response) => {
    const file = path.join(projectRoot, path.normalize(request.url ?? ''))
    if (request.url === '/') response.setHeader('content-type', 'text/html').end(pageOf(gatewayUrl()))
    else if (/^\/(dist|node_modules)\/.+\.m?js$/.test(request.url ?? '') && existsSync(file)) {
      createReadStream(file).pipe(response.setHeader('content-type', 'text/javascript'))
    } else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

await describeWithEngines(['chromium', 'nats-server'], 'the subscription client in a browser', () => {
  let house: LiveHouse
  let proxy: CuttingProxy
  let site: Server
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    site = await servePage(() => `ws://127.0.0.1:${proxy.port}/graphql`)
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    house = await startLiveHouse({ topics: 1, replicas: [{ GATEWAY_CORS_ORIGINS: origin }] })
    proxy = await startCuttingProxy(Number(new URL(house.gateways[0]?.url ?? '').port))
    browser = await openBrowser()
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(origin)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await proxy?.close()
    site?.close()
    await house?.close()
  }, 30_000)

  const seen = async () => z.array(z.number()).parse(await page.evaluate('window.seen'))

  it('goes on after a cut within a frame, misses and repeats nothing, and lets go of what is left', async () => {
    await house.publish(5)
    await until(async () => (await seen()).length === 5, 20_000)
    proxy.cutWithinNextBytes()
    await house.publish(15)
    await page.waitForFunction('window.left === true', undefined, { timeout: 20_000 })
    expect(await seen()).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    expect(proxy.cuts).toBe(1)
    expect(complaints).toEqual([])
  }, 60_000)
})
