/**
 * The page of clients/web over HTTP, on a port of its own: the gateway serves no product. In: where the gateway is. Out: three
 * files, with a policy that lets them run nothing else and speak to the gateway alone. It refuses to be framed, and knows no
 * other paths than those of the page: nobody walks its folders.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { RunningService } from '../platform/service/engines.js'
import { PortTakenError } from '../platform/service/http-service.js'
import { projectRoot } from '../platform/service/project-root.js'

export interface WebPageOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** The gateway's address as browsers know it, e.g. `http://localhost:8080/graphql`. */
  readonly graphqlUrl: string
}

const folder = path.join(projectRoot, 'dist', 'page')
const html = { file: 'index.html', type: 'text/html; charset=utf-8' }
const files: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': html,
  '/verify-email': html, // where links in mails lead
  '/reset-password': html,
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
}

/** Throws PortTakenError. What `npm run make-ready` has not made is answered 503. */
export async function openWebPage({ host, port, graphqlUrl }: WebPageOptions): Promise<RunningService> {
  const headers = headersFor(graphqlUrl)
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const [asked = '/'] = (request.url ?? '/').split('?')
    const found = Object.hasOwn(files, asked) ? files[asked] : undefined
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return answer(response, 405, 'This page is only read.')
    }
    if (found === undefined) return answer(response, 404, 'There is no such page.')
    readFile(path.join(folder, found.file), 'utf8').then(
      (text) => answer(response, 200, text.replace('{{graphql}}', graphqlUrl), found.type),
      () => answer(response, 503, 'The page is not made yet: run `npm run make-ready`.'),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTakenError('web', port) : error),
    )
    server.listen(port, host, resolve)
  })
  return {
    name: 'web',
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections() // nothing it sends takes long
      }),
  }
}

function answer(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.statusCode = status
  response.setHeader('content-type', type)
  response.end(text)
}

function headersFor(graphqlUrl: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    'img-src data:',
    `connect-src ${new URL(graphqlUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'", // forms are sent by the script alone
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'permissions-policy': 'publickey-credentials-get=(self), publickey-credentials-create=(self)',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  }
}
