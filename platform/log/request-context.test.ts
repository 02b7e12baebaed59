import { describe, expect, it } from '@jest/globals'
import { createGate } from '../../tests/support/until.js'
import {
  currentRequestContext,
  requestContextFromHeaders,
  traceparentOf,
  withRequestContext,
} from './request-context.js'

const context = (requestId: string) => ({ requestId, traceId: 'f'.repeat(32) })
const current = () => currentRequestContext()?.requestId

describe('the context of a request', () => {
  it('holds for the work, for what it waits for, and for nobody else', async () => {
    const gate = createGate()
    const seen: unknown[] = []
    const work = async () => {
      seen.push(current())
      await gate.opened
      seen.push(current())
    }
    const [first, second] = [withRequestContext(context('1'), work), withRequestContext(context('2'), work)]
    expect(current()).toBeUndefined()
    gate.open()
    await Promise.all([first, second])
    expect(seen).toEqual(['1', '2', '1', '2'])
  })

  it('is not lost when one beside it ends', async () => {
    const gate = createGate()
    const outer = withRequestContext(context('outer'), async () => {
      withRequestContext(context('inner'), () => expect(current()).toBe('inner'))
      await expect(withRequestContext(context('failing'), () => Promise.reject(new Error('no')))).rejects.toThrow('no')
      await gate.opened
      return current()
    })
    expect(() => withRequestContext(context('throwing'), () => JSON.parse('{'))).toThrow()
    gate.open()
    expect(await outer).toBe('outer')
  })

  it('lasts beyond the work as long as it is told to', async () => {
    const end = createGate()
    const later = createGate()
    let seen: unknown
    const done = createGate()
    withRequestContext(context('1'), () => void later.opened.then(() => ((seen = current()), done.open())), end.opened)
    await withRequestContext(context('2'), async () => undefined)
    later.open()
    await done.opened
    expect(seen).toBe('1')
    end.open()
  })

  it('lasts for good where it is told to', async () => {
    const later = createGate()
    const seen = new Promise((resolve) => {
      withRequestContext(context('1'), () => void later.opened.then(() => resolve(current())), 'for good')
    })
    await withRequestContext(context('2'), async () => undefined)
    later.open()
    expect(await seen).toBe('1')
  })

  it('is made of headers, or anew', () => {
    const traceId = 'a'.repeat(32)
    const told = { traceparent: `00-${traceId}-${'b'.repeat(16)}-01`, 'x-request-id': 'r-1' }
    expect(requestContextFromHeaders(told)).toEqual({ traceId, requestId: 'r-1' })
    const made = Array.from({ length: 600 }, () =>
      requestContextFromHeaders({ traceparent: 'x', 'x-request-id': '\n' }),
    )
    expect(new Set(made.map((one) => one.traceId)).size).toBe(600)
    for (const one of made) {
      expect(one.traceId).toMatch(/^[0-9a-f]{32}$/)
      expect(traceparentOf(one)).toMatch(new RegExp(`^00-${one.traceId}-[0-9a-f]{16}-01$`))
    }
  })
})
