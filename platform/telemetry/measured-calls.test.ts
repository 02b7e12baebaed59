import { describe, expect, it } from '@jest/globals'
import { measureCalls } from './measured-calls.js'

/** What is told about the calls of a function: its arguments, then how it ended. */
function watched<Call extends (...args: never[]) => unknown>(
  call: Call,
): { readonly call: Call; readonly told: unknown[] } {
  const told: unknown[] = []
  const observer = {
    begin(args: readonly unknown[]) {
      told.push(args.length)
      return (error: unknown) => void told.push(error ?? 'well')
    },
  }
  return { call: measureCalls(call, observer), told }
}

describe('a function whose calls are measured', () => {
  it('answers by its promise as before, and is over when that is', async () => {
    const { call, told } = watched(async (value: number) => value + 1)
    const answer = call(1)
    expect(told).toEqual([1])
    expect(await answer).toBe(2)
    expect(told).toEqual([1, 'well'])
  })

  it('rejects with the same error, and tells it', async () => {
    const fault = new Error('fault')
    const { call, told } = watched(() => Promise.reject(fault))
    await expect(call()).rejects.toBe(fault)
    expect(told).toEqual([0, fault])
  })

  it('calls back as before, with what the callback returns, and tells the error', () => {
    const fault = new Error('fault')
    const { call, told } = watched((value: number, back: (error: Error | null, value: number) => void) =>
      back(value < 0 ? fault : null, value),
    )
    const answers: unknown[] = []
    call(1, (error, value) => answers.push(error, value))
    call(-1, (error, value) => answers.push(error, value))
    expect(answers).toEqual([null, 1, fault, -1])
    expect(told).toEqual([2, 'well', 2, fault])
  })

  it('keeps its receiver and throws what it threw', () => {
    const { call, told } = watched(function (this: { readonly start: number } | undefined, value: number): number {
      if (this === undefined) throw new TypeError('nobody')
      return this.start + value
    })
    expect(call.call({ start: 40 }, 2)).toBe(42)
    expect(() => call.call(undefined, 2)).toThrow('nobody')
    expect(told).toEqual([1, 'well', 1, new TypeError('nobody')])
  })
})
