import { describe, expect, it } from '@jest/globals'
import { deviceName } from './device-name.js'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'

describe('the name of a device', () => {
  it.each([
    ['Firefox on Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0'],
    ['Chrome on Linux', `Mozilla/5.0 (X11; Linux x86_64) ${webKit} Chrome/140.0.0.0 Safari/537.36`],
    ['Edge on Windows', `Mozilla/5.0 (Windows NT 10.0) ${webKit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`],
    ['Chrome on Android', `Mozilla/5.0 (Linux; Android 15; K) ${webKit} Chrome/140.0.0.0 Mobile Safari/537.36`],
    [
      'Safari on iPhone',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Version/18.6 Mobile/15E148 Safari/604.1',
    ],
    [
      'Safari on Mac',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
    ],
    ['curl', 'curl/8.14.1'],
    ['Node', 'node'],
    ['A program on Windows', 'Thing/1.0 (Windows)'],
    ['An unknown device', 'x'],
    ['An unknown device', null],
  ])('is %s for %j', (name, userAgent) => {
    expect(deviceName(userAgent)).toBe(name)
  })

  it('does not repeat what a stranger wrote, however long', () => {
    expect(deviceName(`<script>${'x'.repeat(1_000_000)} Firefox/1`)).toBe('An unknown device')
  })
})
