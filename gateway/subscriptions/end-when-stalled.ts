import { releaseOnReturn } from '../incremental/release-on-return.js'

/**
 * Passes a source on, one item at a time and none ahead, so a reader that takes its time costs one item of memory. One that
 * leaves an item for `patienceMs` loses the source: it is released at once and the next read throws what `fault` makes.
 */
export function endWhenStalled<Item>(
  source: AsyncGenerator<Item, void, void>,
  patienceMs: number,
  fault: () => Error,
): AsyncGenerator<Item, void, void> {
  let timer: NodeJS.Timeout | undefined
  let stalled = false

  const giveUp = () => {
    stalled = true
    source.return().catch(() => {}) // the read to come throws the fault, which says more
  }

  async function* watched(): AsyncGenerator<Item, void, void> {
    for await (const item of source) {
      timer = setTimeout(giveUp, patienceMs)
      yield item
      clearTimeout(timer)
      if (stalled) throw fault()
    }
  }

  return releaseOnReturn(watched(), async () => {
    clearTimeout(timer)
    await source.return()
  })
}
