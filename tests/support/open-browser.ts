import { chromium, type Browser } from 'playwright-core'
import { findBinary } from './private-servers.js'

/** A headless Chromium that asks nobody on the internet for anything of its own accord. Throws where there is none on PATH. */
export function openBrowser(): Promise<Browser> {
  const executablePath = findBinary('chromium')
  if (executablePath === undefined) throw new Error('chromium is not on PATH.')
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({ executablePath, args: [...args, ...quiet] })
}
