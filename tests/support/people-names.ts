/** 10,000 names, each once, and slips of the keyboard in some of them. In: a seed. Out: the same every time. */
import fc from 'fast-check'

const given = (
  'Adaeze Alexander Amélie Andrzej Anneliese Bartholomew Beatriz Björn Camille Catalina Chinedu Dimitri Dorothea Eleanor Elżbieta ' +
  'Emiliano Farida Fernando Françoise Friedrich Gabriela Giovanni Guadalupe Hannelore Hiroshi Ibrahim Ingeborg Jacqueline Jonathan ' +
  'Katarzyna Kristoffer Leonardo Magdalena Margaret Matthias Mehmet Nikolai Octavia Oluwaseun Patricia Rosalind Sebastian Siobhán ' +
  'Stephanie Theodore Valentina Wilhelmina Xiomara Yasmin Zbigniew'
).split(' ')
const stems =
  'Adler Ander Berg Brenn Carl Dahl Eichen Falken Gold Haver Jans Kessel Linden Mont Norr Oster Petro Rosen Stein Wald'.split(
    ' ',
  )
const endings = 'son mann berg feld ova ini ström wicz ley dottir'.split(' ')

export function thousandsOfNames(): readonly string[] {
  const families = stems.flatMap((stem) => endings.map((ending) => stem + ending))
  return given.flatMap((first) => families.map((family) => `${first} ${family}`))
}

export interface Slips {
  readonly people: number
  readonly slipsInEach: number
  readonly seed: number
}

/** Some of the names, and each as somebody types it: a letter wrong, missing, doubled, or before the one it follows. */
export function slips(names: readonly string[], { people, slipsInEach, seed }: Slips) {
  const one = fc.record({
    name: fc.constantFrom(...names),
    places: fc.array(
      fc.record({ place: fc.nat(1_000), kind: fc.nat(3), letter: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz') }),
      { minLength: slipsInEach, maxLength: slipsInEach },
    ),
  })
  return fc.sample(one, { numRuns: people, seed }).map(({ name, places }) => ({
    name,
    typed: places.reduce((text, { place, kind, letter }) => slip(text, place % (text.length - 1), kind, letter), name),
  }))
}

function slip(text: string, at: number, kind: number, letter: string): string {
  const [before, here, next, after] = [text.slice(0, at), text.charAt(at), text.charAt(at + 1), text.slice(at + 2)]
  const typed = [letter + next, next, here + here + next, next + here][kind]
  return before + typed + after
}
