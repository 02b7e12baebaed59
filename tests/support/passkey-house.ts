/**
 * Auth with passkeys, a page they are good on, one they are not good on, and a new device for each test. It registers its own
 * hooks: call it once in a `describe`.
 */
import { afterAll, beforeAll, beforeEach } from '@jest/globals'
import type { Browser } from 'playwright-core'
import { openBrowser } from './open-browser.js'
import { openDevice, serveEmptyPage, type PasskeyDevice } from './passkey-device.js'
import { startAuth, type StartedAuth } from './start-auth.js'

export interface PasskeyHouse {
  readonly auth: StartedAuth
  /** The page passkeys are good on, and another. */
  readonly origins: { readonly own: string; readonly other: string }
  /** Of this test. */
  readonly device: PasskeyDevice
  /** One more device. */
  another(hasUserVerification?: boolean): Promise<PasskeyDevice>
}

export function usePasskeyHouse(given: (house: PasskeyHouse) => void): void {
  const closing: (() => Promise<void> | void)[] = []
  let open: (hasUserVerification?: boolean) => Promise<PasskeyDevice>
  let started: Omit<PasskeyHouse, 'device'>

  beforeAll(async () => {
    const pages = [await serveEmptyPage(), await serveEmptyPage()] as const
    closing.push(...pages.map((page) => () => page.close()))
    const [own, other] = [pages[0].origin, pages[1].origin]
    const auth = await startAuth({ passkeyOrigins: [own] })
    closing.push(() => auth.close())
    const browser: Browser = await openBrowser()
    closing.push(() => browser.close())
    open = (hasUserVerification) => openDevice(browser, own, hasUserVerification)
    started = { auth, origins: { own, other }, another: open }
  }, 60_000)
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  }, 30_000)
  beforeEach(async () => {
    started.auth.weather.aheadMs = 0
    given({ ...started, device: await open() })
  })
}
