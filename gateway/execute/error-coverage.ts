import type { ResponsePath } from '../gateway-error.js'

interface PathNode {
  /** An error stands exactly here. */
  ends: boolean
  readonly below: Map<string | number, PathNode>
}

/**
 * Which places of an answer have their error already. A null is explained by an error at the same place, above it (a fetch
 * that failed) or below it (a null that came up from there), and needs none of its own.
 */
export interface ErrorCoverage {
  add(path: ResponsePath): void
  explains(path: ResponsePath): boolean
}

export function createErrorCoverage(paths: Iterable<ResponsePath>): ErrorCoverage {
  const root: PathNode = { ends: false, below: new Map() }
  const add = (path: ResponsePath): void => {
    let node = root
    for (const key of path) {
      const next = node.below.get(key) ?? { ends: false, below: new Map<string | number, PathNode>() }
      node.below.set(key, next)
      node = next
    }
    node.ends = true
  }
  for (const path of paths) add(path)
  return {
    add,
    explains(path) {
      let node = root
      for (const key of path) {
        if (node.ends) return true
        const next = node.below.get(key)
        if (next === undefined) return false
        node = next
      }
      return node.ends || node.below.size > 0
    },
  }
}
