import type { PreparedLive } from './live-pipeline.js'

/** Somebody in whose name events may be answered. */
export interface Speaker {
  /** How long its token lasts, in seconds since the epoch; infinite without one. */
  readonly lastsUntil: number
  /** The token that subgraphs are asked with. */
  readonly authorization: string | null
  /** Asks the pipeline again, on the group's supergraph, whether it may see the group's events. */
  readmit(prepared: PreparedLive): PreparedLive | Promise<PreparedLive>
  /** What it may see has changed: it leaves the group at once and finds its place anew, at its position. */
  moveOn(): void
  /** The same, to be answered by its own token alone from now on: subgraphs refuse that one, and others' they do not. */
  standAlone(): void
}

/** In whose name an event is answered. */
export interface Spoken {
  readonly authorization: string | null
  readonly prepared: PreparedLive
}

/** Those of a group who may speak for it: whose token lasts longest does. */
export class Speakers {
  readonly #prepared: PreparedLive
  readonly #all = new Set<Speaker>()
  #first: Speaker | null = null

  constructor(prepared: PreparedLive) {
    this.#prepared = prepared
  }

  get size(): number {
    return this.#all.size
  }

  /** Also for one that is there already, and whose token may last longer now. */
  add(speaker: Speaker): void {
    this.#all.add(speaker)
    if (this.#first !== null && speaker.lastsUntil > this.#first.lastsUntil) this.#first = speaker
  }

  remove(speaker: Speaker): void {
    this.#all.delete(speaker)
    if (this.#first === speaker) this.#first = null
  }

  /**
   * Somebody who may still see the group's events, by a token that is not among `refused`; asked for with every event. Who may not
   * moves on, and the next is asked. Null when nobody is left.
   */
  async admitted(refused: ReadonlySet<string | null>): Promise<Spoken | null> {
    for (let one = this.#choose(refused); one !== null; one = this.#choose(refused)) {
      const { authorization } = one
      try {
        const again = one.readmit(this.#prepared)
        const prepared = again instanceof Promise ? await again : again
        // alone, it is answered as it stands now, whatever that is; this also ends a search that would never be content
        if (prepared.plan === this.#prepared.plan || this.#all.size === 1) return { authorization, prepared }
      } catch {
        // it is told why by the place it asks for now
      }
      one.moveOn()
    }
    return null
  }

  /** Everybody with one of these tokens stands alone from now on. */
  setApart(refused: ReadonlySet<string | null>): void {
    for (const one of [...this.#all]) if (refused.has(one.authorization)) one.standAlone()
  }

  #choose(refused: ReadonlySet<string | null>): Speaker | null {
    if (refused.size === 0) return (this.#first ??= this.#longestLasting(refused))
    return this.#longestLasting(refused)
  }

  #longestLasting(refused: ReadonlySet<string | null>): Speaker | null {
    let longest: Speaker | null = null
    for (const one of this.#all) {
      if (!refused.has(one.authorization) && (longest === null || one.lastsUntil > longest.lastsUntil)) longest = one
    }
    return longest
  }
}
