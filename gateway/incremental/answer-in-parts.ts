/**
 * Answers that come in parts. In: a plan with deferred parts, under way, and its shaper. Out: the first part, which has all
 * that is not deferred, then each deferred part at every place it has in the answer, as soon as it is fetched and what it
 * stands in has been told. It refuses to tell of a place that a null has taken away.
 */
import type { DeferredRuns, PartRun } from '../execute/deferral.js'
import { shapePart } from '../execute/deferred-shapes.js'
import type { DataObject } from '../data-object.js'
import type { FoundPart } from '../execute/shaping.js'
import type { GatewayError, ResponsePath } from '../gateway-error.js'

/** A place of the answer that is still to come. */
export interface PendingPart {
  /** Of this place: a part in a list has many. */
  readonly id: string
  readonly path: ResponsePath
  readonly label: string | undefined
}

export interface PartAnswer extends PendingPart {
  /** Null when a non-null field of the part had nothing to show. */
  readonly data: DataObject | null
  readonly errors: readonly GatewayError[]
}

export interface FirstAnswer {
  readonly data: DataObject | null
  readonly errors: readonly GatewayError[]
  readonly pending: readonly PendingPart[]
}

export interface LaterAnswer {
  readonly parts: readonly PartAnswer[]
  /** What these parts have in them that is deferred again. */
  readonly pending: readonly PendingPart[]
  readonly hasNext: boolean
}

interface WaitingPart extends PendingPart {
  readonly found: FoundPart
  /** Errors of earlier fetches, in fields that this part is the first to show. */
  readonly held: readonly GatewayError[]
}

export interface PartsOfAnswer {
  first(data: DataObject | null, errors: readonly GatewayError[], found: readonly FoundPart[]): FirstAnswer
  /** Null when no part has become ready since. */
  next(): LaterAnswer | null
  /** Whether anything is to come. */
  readonly hasNext: boolean
}

export function createPartsOfAnswer(
  runs: DeferredRuns,
  labels: ReadonlyMap<string, string | undefined>,
): PartsOfAnswer {
  const waiting = new Map<string, WaitingPart[]>()
  let count = 0

  const announce = (found: readonly FoundPart[], errors: readonly GatewayError[]): PendingPart[] =>
    found.map((each) => {
      const { id: part, path } = each
      const held = errors.filter((error) => isBelow(error.path, path))
      const announced = { id: String(count++), path, label: labels.get(part), found: each, held }
      const same = waiting.get(part)
      if (same === undefined) waiting.set(part, [announced])
      else same.push(announced)
      return announced
    })

  return {
    get hasNext() {
      return waiting.size > 0
    },
    first(data, errors, found) {
      const shown = found.filter(({ path }) => reaches(data, path))
      const [told, held] = split(errors, (error) => !isHidden(error, data, [], shown))
      return { data, errors: told, pending: announce(shown, held) }
    },
    next() {
      const parts: PartAnswer[] = []
      const pending: PendingPart[] = []
      for (let ready = nextReady(waiting, runs); ready !== null; ready = nextReady(waiting, runs)) {
        const places = waiting.get(ready) ?? []
        waiting.delete(ready)
        for (const { answer, found, held } of answerPlaces(places, runs.run(ready))) {
          parts.push(answer)
          pending.push(...announce(found, held))
        }
      }
      return parts.length === 0 ? null : { parts, pending, hasNext: waiting.size > 0 }
    },
  }
}

/** A part that is waited for and done. One the plan knows nothing of was fetched together with what it stands in. */
function nextReady(waiting: ReadonlyMap<string, unknown>, runs: DeferredRuns): string | null {
  for (const id of waiting.keys()) if (runs.run(id)?.done !== false) return id
  return null
}

interface AnsweredPlace {
  readonly answer: PartAnswer
  readonly found: readonly FoundPart[]
  readonly held: readonly GatewayError[]
}

function answerPlaces(places: readonly WaitingPart[], run: PartRun | undefined): AnsweredPlace[] {
  const [local, general] = split(run?.errors ?? [], ({ path }) => places.some((place) => isBelow(path, place.path)))
  return places.map(({ id, path, label, found, held }, index) => {
    // the error of a fetch that failed as a whole explains the nulls of every place, and is told at the first
    const unsaid = index === 0 ? [] : general
    const own = [...held, ...local.filter((error) => isBelow(error.path, path)), ...(index === 0 ? general : [])]
    const errors = [...unsaid, ...own]
    const nested: FoundPart[] = []
    const data = shapePart({ ...found, raw: run?.data ?? found.raw }, errors, nested)
    const shown = nested.filter((each) => reaches(data, each.path.slice(path.length)))
    const [told, later] = split(errors.slice(unsaid.length), (error) => !isHidden(error, data, path, shown))
    return { answer: { id, path, label, data, errors: told }, found: shown, held: later }
  })
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  const first: Item[] = []
  const second: Item[] = []
  for (const item of items) (isFirst(item) ? first : second).push(item)
  return [first, second]
}

/** Whether an error is of a field that only a part still to come will show. `data` stand at `start`. */
function isHidden(
  { path }: GatewayError,
  data: DataObject | null,
  start: ResponsePath,
  pending: readonly FoundPart[],
): boolean {
  if (path === undefined || !pending.some((part) => isBelow(path, part.path))) return false
  let value: unknown = data
  for (const key of path.slice(start.length)) {
    if (typeof value !== 'object' || value === null) return false
    const below: unknown = Reflect.get(value, key)
    if (below === undefined) return true
    value = below
  }
  return false
}

/** At the place or within it. */
function isBelow(path: ResponsePath | undefined, place: ResponsePath): boolean {
  return path !== undefined && path.length >= place.length && place.every((key, index) => path[index] === key)
}

function reaches(data: DataObject | null, path: ResponsePath): boolean {
  let value: unknown = data
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return false
    value = Reflect.get(value, key)
  }
  return typeof value === 'object' && value !== null
}
