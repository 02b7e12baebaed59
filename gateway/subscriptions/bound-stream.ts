import { releaseOnReturn } from './release-on-return.js'

/**
 * Reads a source ahead of a slow reader, `limit` items at most. Beyond that what waits is dropped, the source is released
 * and the stream throws what `overflow` makes: a reader that can't keep up costs bounded memory and holds up nobody else.
 */
export function boundStream<Item>(
  source: AsyncGenerator<Item, void, void>,
  limit: number,
  overflow: () => Error,
): AsyncGenerator<Item, void, void> {
  const queue: Item[] = []
  let ending: { readonly error?: unknown } | null = null
  let wake = (): void => {}

  const end = (how: { readonly error?: unknown }) => {
    ending ??= how
    wake()
  }

  async function pump(): Promise<void> {
    try {
      for await (const item of source) {
        if (ending) return
        if (queue.length >= limit) {
          queue.length = 0
          end({ error: overflow() })
          return
        }
        queue.push(item)
        wake()
      }
      end({})
    } catch (error) {
      end({ error })
    }
  }

  async function* drain(): AsyncGenerator<Item, void, void> {
    void pump()
    for (;;) {
      const item = queue.shift()
      if (item !== undefined) {
        yield item
      } else if (ending) {
        if ('error' in ending) throw ending.error
        return
      } else {
        await new Promise<void>((resolve) => (wake = resolve))
      }
    }
  }

  return releaseOnReturn(drain(), async () => {
    queue.length = 0
    end({})
    await source.return()
  })
}
