/** Words for a program and its system, the first that fits; many name others as well to be taken for them. */
const programs: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^(?:node|undici)\b/, 'Node'],
  [/^python|^aiohttp/i, 'Python'],
  [/^okhttp|^Dalvik/, 'An Android app'],
  [/\bCFNetwork\//, 'An Apple app'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMacintosh\b|\bMac OS X\b/, 'Mac'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]

const LONGEST = 256 // what is kept of a header; patterns without repetition read it once

/**
 * A person's name for what a session was opened on, by the `User-Agent` of its sign-in: program and system as far as they are
 * known. A coarse guess for a list to choose from, never for a decision.
 */
export function deviceName(userAgent: string | null): string {
  const text = (userAgent ?? '').slice(0, LONGEST)
  const program = programs.find(([pattern]) => pattern.test(text))?.[1]
  const system = systems.find(([pattern]) => pattern.test(text))?.[1]
  if (program !== undefined) return system === undefined ? program : `${program} on ${system}`
  return system === undefined ? 'An unknown device' : `A program on ${system}`
}
