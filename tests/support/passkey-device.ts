/**
 * A browser page with a passkey device: Chromium with the virtual authenticator of its DevTools protocol. In: pages on
 * localhost to be on. Out: what the browser's own WebAuthn answers there. The device holds keys, counts signatures and
 * verifies its owner, or not, as it is told.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { z } from 'zod'

const DEVICE = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  automaticPresenceSimulation: true,
} as const

const created = z
  .object({
    id: z.string(),
    response: z.object({ clientDataJSON: z.string(), attestationObject: z.string(), transports: z.array(z.string()) }),
  })
  .transform(({ id, response }) => ({ id, ...response }))

const signed = z
  .object({
    id: z.string(),
    response: z.object({
      clientDataJSON: z.string(),
      authenticatorData: z.string(),
      signature: z.string(),
      userHandle: z.string().optional(),
    }),
  })
  .transform(({ id, response }) => ({ id, ...response }))

export type Created = z.output<typeof created>
export type Signed = z.output<typeof signed>
export type Options = Readonly<Record<string, unknown>>

export interface PasskeyDevice {
  /** Makes a passkey; as of FinishPasskeyRegistrationInput. */
  create(options: Options): Promise<Created>
  /** Signs; as a PasskeyAssertionInput. */
  sign(options: Options): Promise<Signed>
  /** Goes to another page; the device stays plugged in. */
  goTo(origin: string): Promise<void>
  /** Whether its owner's finger fits from now on. */
  verifiesOwner(does: boolean): Promise<void>
  /** Sets every passkey's count of signatures, as on a copy that lags behind. */
  setCounters(signCount: number): Promise<void>
}

/** A new page with a device of its own, which can verify its owner unless it is said not to. */
export async function openDevice(browser: Browser, origin: string, hasUserVerification = true): Promise<PasskeyDevice> {
  const page = await browser.newPage()
  await page.goto(origin)
  const { session, authenticatorId } = await plugIn(page, hasUserVerification)
  const ask = (call: string, options: Options) =>
    page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parse${call === 'create' ? 'Creation' : 'Request'}OptionsFromJSON(${JSON.stringify(options)})
    return (await navigator.credentials.${call}({ publicKey })).toJSON()
  })()`)
  return {
    create: async (options) => created.parse(await ask('create', options)),
    sign: async (options) => signed.parse(await ask('get', options)),
    goTo: async (other) => void (await page.goto(other)),
    verifiesOwner: async (isUserVerified) =>
      void (await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })),
    async setCounters(signCount) {
      const { credentials } = await session.send('WebAuthn.getCredentials', { authenticatorId })
      await session.send('WebAuthn.clearCredentials', { authenticatorId })
      for (const credential of credentials) {
        await session.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, signCount } })
      }
    },
  }
}

/** Gives a page the virtual authenticator. */
export async function plugIn(
  page: Page,
  hasUserVerification = true,
): Promise<{ readonly session: CDPSession; readonly authenticatorId: string }> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...DEVICE, hasUserVerification, isUserVerified: hasUserVerification },
  })
  return { session, authenticatorId }
}

/** An empty page at an origin of its own on localhost, where browsers allow passkeys without https. */
export async function serveEmptyPage(): Promise<{ readonly origin: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>empty</title>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
