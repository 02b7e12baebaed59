import { describe, expect, it } from '@jest/globals'
import { Places, type Place } from './places.js'

const nobodyLeaves = new AbortController().signal

/** Asks for a place, and takes down the name when it is given. */
function asking(places: Places, signal = nobodyLeaves) {
  const given: string[] = []
  const ask = (name: string) =>
    places.take(signal).then((place) => {
      given.push(name)
      return place
    })
  return { given, ask }
}

describe('places', () => {
  it('are given in the order in which they are asked for, as others leave', async () => {
    const { given, ask } = asking(new Places(2))
    const [first, , third, fourth] = [ask('a'), ask('b'), ask('c'), ask('d')]
    const place = await first
    expect([given, place.isWanted]).toEqual([['a', 'b'], true])
    place.leave()
    place.leave()
    const later = await third
    expect(given).toEqual(['a', 'b', 'c'])
    later.leave()
    expect((await fourth).isWanted).toBe(false)
  })

  it('are not waited for any longer by who has left', async () => {
    const places = new Places(1)
    const leaving = new AbortController()
    const place = await places.take(nobodyLeaves)
    const waiting = places.take(leaving.signal)
    leaving.abort()
    await expect(waiting).rejects.toThrow()
    await expect(places.take(leaving.signal)).rejects.toThrow()
    expect(place.isWanted).toBe(false)
  })

  it('are given up by those who rest, once somebody waits: who has rested longest first', async () => {
    const { given, ask } = asking(new Places(3))
    const held = await Promise.all([ask('a'), ask('b'), ask('c')])
    const gave: number[] = []
    const rest = (place: Place, index: number) =>
      place.rest(() => {
        gave.push(index)
        place.leave()
      })
    for (const [index, place] of held.entries()) rest(place, index)
    held[0]?.wake()
    const next = await ask('d')
    expect([given, gave]).toEqual([['a', 'b', 'c', 'd'], [1]])
    const waiting = [ask('e'), ask('f')]
    await waiting[0]
    expect(gave).toEqual([1, 2])
    rest(next, 3)
    await waiting[1]
    expect(gave).toEqual([1, 2, 3])
  })
})
