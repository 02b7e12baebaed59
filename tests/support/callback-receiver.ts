/** Somebody who takes callbacks: an https server on the loopback that notes what it is sent and answers as it is told. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSelfSignedCertificate, type Certificate } from './self-signed-certificate.js'

export interface ReceivedCallback {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface CallbackReceiver {
  readonly url: string
  /** What it proves itself by. */
  readonly certificate: Certificate
  readonly received: readonly ReceivedCallback[]
  /** The status of the next answers; null for none. 204 until told otherwise. */
  answerWith(status: number | null): void
  close(): Promise<void>
}

export async function startCallbackReceiver(certificate = createSelfSignedCertificate()): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = []
  let status: number | null = 204
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      if (status !== null) response.writeHead(status).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...{ url: `https://localhost:${port}/ends`, certificate, received },
    answerWith: (next) => void (status = next),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
