import { describe, expect, it } from '@jest/globals'
import { createTurns } from './take-turns.js'

describe('taking turns', () => {
  it('runs work of one key one after the other, in the order of the calls', async () => {
    const inTurn = createTurns()
    const seen: string[] = []
    const work = (name: string) => async () => {
      seen.push(`${name} begins`)
      await Promise.resolve()
      seen.push(`${name} ends`)
      return name
    }
    expect(await Promise.all(['a', 'b', 'c'].map((name) => inTurn('key', work(name))))).toEqual(['a', 'b', 'c'])
    expect(seen).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]))
  })

  it('lets other keys go ahead', async () => {
    const inTurn = createTurns()
    let finish = (): void => undefined
    const held = inTurn('one', () => new Promise<void>((resolve) => (finish = resolve)))
    expect(await inTurn('two', async () => 'done')).toBe('done')
    finish()
    await held
  })

  it('goes on after work that failed, and tells only its caller', async () => {
    const inTurn = createTurns()
    const failing = inTurn('key', () => Promise.reject(new Error('no')))
    const next = inTurn('key', async () => 'yes')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })
})
