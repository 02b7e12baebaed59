import { describe, expect, it } from '@jest/globals'
import { createEventQueue } from './event-queue.js'

function given() {
  const asked: string[] = []
  const source = { pause: () => void asked.push('pause'), resume: () => void asked.push('resume') }
  const queue = createEventQueue(source, () => void asked.push('release'))
  const push = (from: number, to: number, bytes = 1) => {
    for (let sequence = from; sequence <= to; sequence += 1) queue.push({ sequence, payload: null }, bytes)
  }
  const read = async (count: number) => {
    const numbers: unknown[] = []
    while (numbers.length < count) numbers.push((await queue.events.next()).value?.sequence)
    return numbers
  }
  return { asked, queue, push, read }
}

describe('a queue of events', () => {
  it('hands them on in order, also to a reader that was there first', async () => {
    const { push, read } = given()
    const waiting = read(3)
    push(1, 2)
    push(3, 4)
    expect(await waiting).toEqual([1, 2, 3])
    expect(await read(1)).toEqual([4])
  })

  it('asks its source to wait when it is full, and to go on when it is half empty', async () => {
    const { asked, push, read, queue } = given()
    push(1, 255)
    expect(asked).toEqual([])
    push(256, 260)
    expect(asked).toEqual(['pause'])
    expect(queue.isFull).toBe(true)
    await read(131)
    expect(asked).toEqual(['pause'])
    await read(1)
    expect(asked).toEqual(['pause', 'resume'])
  })

  it('is full of few large ones too', async () => {
    const { asked, push, read } = given()
    push(1, 3, 400_000)
    expect(asked).toEqual(['pause'])
    await read(2)
    expect(asked).toEqual(['pause', 'resume'])
  })

  it('ends, or throws its fault, after what it holds', async () => {
    const ended = given()
    ended.push(1, 1)
    ended.queue.end(null)
    ended.push(2, 2)
    expect(await ended.read(1)).toEqual([1])
    expect(await ended.queue.events.next()).toEqual({ done: true, value: undefined })
    const failed = given()
    failed.push(1, 1)
    failed.queue.end(new Error('gone'))
    expect(await failed.read(1)).toEqual([1])
    await expect(failed.queue.events.next()).rejects.toThrow('gone')
  })

  it('releases its source when the reader leaves, also one that waits', async () => {
    const { asked, queue } = given()
    const waiting = queue.events.next()
    await queue.events.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(asked).toEqual(['release'])
  })
})
