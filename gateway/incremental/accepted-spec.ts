import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import type { IncrementalSpec } from './incremental-result.js'

const specsByType: ReadonlyMap<string, IncrementalSpec | null> = new Map([
  ['multipart/mixed', null],
  ['multipart/mixed; incrementalSpec=v0.2', 'v0.2'],
  ['multipart/mixed; deferSpec=20220824', '20220824'],
])

const known = new LRUCache<string, { readonly spec: IncrementalSpec | null }>({ max: 100 }) // clients send a handful

/**
 * The form of answers in parts that an `Accept` header asks for by its name, null where it names none: then the answer comes
 * in one piece. Types and order are those Apollo Server chooses by, which heads the parts we fill.
 */
export function acceptedSpec(accept: string | undefined): IncrementalSpec | null {
  if (accept === undefined || !accept.includes('multipart/mixed')) return null
  const earlier = known.get(accept)
  if (earlier !== undefined) return earlier.spec
  const preferred = new Negotiator({ headers: { accept } }).mediaType([...specsByType.keys()])
  const spec = specsByType.get(preferred ?? '') ?? null
  known.set(accept, { spec })
  return spec
}
