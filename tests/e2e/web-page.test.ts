import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { projectRoot } from '../../platform/service/project-root.js'
import { describeWithEngine } from '../support/engines.js'
import { openBrowser } from '../support/open-browser.js'
import { plugIn } from '../support/passkey-device.js'
import { post } from '../support/raw-request.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { until } from '../support/until.js'

const password = 'winding gravel teapot'

jest.setTimeout(90_000) // a story of many pages each, on a machine that others use too

await describeWithEngine('chromium', 'the page', () => {
  let house: Supergraph
  let browser: Browser
  let page: Page
  let device: Awaited<ReturnType<typeof plugIn>>
  let complaints: string[]
  let strangers: string[]

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, ['scripts/bundle-page.mjs'], { cwd: projectRoot })
    house = await startSupergraph()
    browser = await openBrowser()
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await house?.close()
  }, 30_000)

  beforeEach(async () => {
    page = await browser.newPage()
    page.setDefaultTimeout(20_000)
    device = await plugIn(page)
    complaints = []
    strangers = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url())
      if (hostname !== 'localhost' && protocol !== 'data:') strangers.push(hostname)
    })
  })
  afterEach(async () => {
    expect(complaints).toEqual([])
    expect(strangers).toEqual([])
    await page.close()
  })

  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const heading = (name: string) => page.getByRole('heading', { name })
  const field = (name: string) => page.locator('section:not([hidden])').getByLabel(name)
  const told = (words: string) => page.getByRole('status').filter({ hasText: words }).waitFor()
  const refusal = () => page.locator('#notice.fault:not([hidden])')
  const open = () => page.goto(house.page ?? '')
  /** Lets the device answer by itself, or not: an offer of autofill then waits for whoever sits there. */
  const touch = (enabled: boolean) =>
    device.session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: device.authenticatorId, enabled })

  async function signInByPassword(email: string, words = password): Promise<void> {
    await field('E-mail').fill(email)
    await field('Password').fill(words)
    await button('Sign in').and(page.locator('#sign-in-form button')).click()
  }

  /** Somebody new, of whom the page knows nothing yet but their address. */
  async function register(): Promise<string> {
    const email = `person-${crypto.randomUUID()}@example.com`
    await touch(false)
    await open()
    await button('Open an account').click()
    await field('Name').fill('Ada Lovelace')
    await field('E-mail').fill(email)
    await field('Password').fill(password)
    await button('Open the account').click()
    await told('We have written to this address')
    return email
  }

  /** Of the newest mail that has such a link. */
  async function linkIn(email: string, path: string): Promise<string> {
    let link: string | undefined
    await until(async () => {
      const mails = await post(house.url, `{ developmentMails(to: "${email}") { text } }`)
      link = new RegExp(`http://localhost:\\d+/${path}#token=[\\w-]{43}`).exec(JSON.stringify(mails.body.data))?.[0]
      return link !== undefined
    }, 20_000)
    return link ?? ''
  }

  /** Somebody new, at their account with a passkey of this name. */
  async function newcomer(passkey = 'Laptop'): Promise<string> {
    const email = await register()
    await signInByPassword(email)
    await heading('Your account').waitFor()
    await touch(true)
    await page.locator('#add-passkey input').fill(passkey)
    await button('Add a passkey').click()
    await told(`The passkey ${passkey} was added.`)
    return email
  }

  it('opens an account, signs in by password, and adds a passkey with its recovery codes', async () => {
    const email = await newcomer()
    expect(await page.locator('#account-email').textContent()).toBe(email)
    expect(await page.locator('#passkeys input').inputValue()).toBe('Laptop')
    expect(await page.locator('#recovery-codes li').count()).toBe(10)
  })

  it('signs in by the passkey that is chosen where the address is typed', async () => {
    const email = await newcomer()
    await button('Sign out').click() // the device answers the offer of autofill by itself
    await page.locator('#account:not([hidden])').waitFor()
    expect(await page.locator('#account-email').textContent()).toBe(email)
  })

  it('signs in by a passkey on demand, and as the second factor of a password', async () => {
    const email = await newcomer()
    await touch(false)
    await button('Sign out').click()
    await heading('Sign in').waitFor()
    await touch(true)
    await button('Sign in with a passkey').click()
    await heading('Your account').waitFor()

    await touch(false)
    await button('Sign out').click()
    await signInByPassword(email)
    await heading('Is it you?').waitFor()
    await touch(true)
    await button('Use a passkey').click()
    await heading('Your account').waitFor()
    expect(await page.locator('#account-email').textContent()).toBe(email)
  })

  it('renames a passkey, and removes it once its owner has proved anew who they are', async () => {
    await newcomer()
    await page.locator('#passkeys input').fill('Old laptop')
    await button('Rename').click()
    await told('It is called Old laptop now.')
    await button('Remove Old laptop').click()
    await heading('Is it still you?').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Use a passkey' }).click()
    await told('The passkey Old laptop was removed.')
    expect(await page.locator('#passkeys li').count()).toBe(0)
  })

  it('says it in words when the device does not verify its owner, and when they think better of it', async () => {
    await newcomer()
    const { session, authenticatorId } = device
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await button('Remove Laptop').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Use a passkey' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'No passkey was used' }).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await told('Nothing was changed.')
    expect(await page.locator('#passkeys li').count()).toBe(1)
  })

  describe('follows links of mails', () => {
    it('to confirm an address and sign in, with nothing of the link left in the address', async () => {
      const email = await register()
      await page.goto(await linkIn(email, 'verify-email'))
      await heading('Confirm your address').waitFor()
      expect(page.url()).toBe(`${house.page}/`)
      await field('Password').fill('not the password')
      await button('Confirm and sign in').click()
      await refusal().waitFor()
      await field('Password').fill(password)
      await button('Confirm and sign in').click()
      await heading('Your account').waitFor()
      expect(await page.locator('#account-email').textContent()).toBe(email)
    })

    it('to choose a new password, once: the old one and the link are good for nothing then', async () => {
      const email = await register()
      await open()
      await button('Forgotten the password?').click()
      await field('E-mail').fill(email)
      await button('Send me a link').click()
      await heading('Sign in').waitFor()
      const link = await linkIn(email, 'reset-password')
      const choose = async (words: string) => {
        await page.goto(link)
        await heading('Choose a new password').waitFor()
        expect(page.url()).toBe(`${house.page}/`)
        await field('New password').fill(words)
        await button('Set it').click()
      }
      await choose('thistle orbit lantern')
      await told('The new password is set')
      await signInByPassword(email)
      await refusal().waitFor()
      await signInByPassword(email, 'thistle orbit lantern')
      await heading('Your account').waitFor()
      await choose('another orbit lantern')
      await refusal().waitFor()
    })

    it('and opens as ever where a link has no token', async () => {
      await touch(false)
      await page.goto(`${house.page}/reset-password`)
      await heading('Sign in').waitFor()
    })
  })

  describe('is served', () => {
    it('with a policy that lets it run its own script and speak to the gateway alone', async () => {
      const response = await fetch(house.page ?? '')
      const policy = response.headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain(`connect-src http://localhost:${house.ports['gateway']};`)
      expect(policy).not.toMatch(/unsafe|\*/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    })

    it.each([
      '/../package.json',
      '/%2e%2e/package.json',
      '/.stamp',
      '/page.js/',
      '//',
      '//etc/passwd',
      '/constructor',
      '/index.html',
    ])('and nothing at %s', async (path) => {
      expect((await fetch(`${house.page}${path}`)).status).toBe(404)
    })

    it('and only read', async () => {
      expect((await fetch(house.page ?? '', { method: 'POST' })).status).toBe(405)
    })
  })
})
