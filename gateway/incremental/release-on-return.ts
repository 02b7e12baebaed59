/**
 * A generator whose `return` releases its source at once. A plain async generator can't: its `return` waits in line behind
 * the `next` under way, which for a quiet source may be forever, and before the first `next` its `finally` never runs.
 * `release` must make a pending `next` of the source settle, and may be called more than once.
 */
export function releaseOnReturn<Item>(
  inner: AsyncGenerator<Item, void, void>,
  release: () => Promise<void>,
): AsyncGenerator<Item, void, void> {
  const outer: AsyncGenerator<Item, void, void> = {
    next: () => inner.next(),
    async return() {
      await release()
      return inner.return()
    },
    async throw(error) {
      await release()
      return inner.throw(error)
    },
    [Symbol.asyncIterator]: () => outer,
    async [Symbol.asyncDispose]() {
      await outer.return()
    },
  }
  return outer
}
