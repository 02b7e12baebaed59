/** Numbers that look random and are the same for the same seed. */

/** From 0 up to 1. */
export type Random = () => number

/** Gives a whole number from 0 to `maximum`. */
export type Draw = (maximum: number) => number

/** mulberry32 */
export function generator(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function drawer(random: Random): Draw {
  return (maximum) => Math.floor(random() * (maximum + 1))
}

export function oneOf<T>(draw: Draw, choices: readonly [T, ...T[]]): T
export function oneOf<T>(draw: Draw, choices: readonly T[]): T | undefined
export function oneOf<T>(draw: Draw, choices: readonly T[]): T | undefined {
  return choices[draw(choices.length - 1)]
}

/** FNV-1a, mixed as mulberry32 ends. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return Math.floor(generator(hash)() * 2 ** 32)
}
