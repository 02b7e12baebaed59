/**
 * Which progressive overrides a request goes by (`@override(from:, label:)`). In: a request. Out: the labels of the
 * supergraph that are on for it, which choose among plans. It refuses nothing: a label nobody knows is no label.
 */
import type { Supergraph } from '@apollo/federation-internals'
import type { GatewayRequest } from '../gateway-request.js'

export interface OverrideSettings {
  /** Labels that are on for every request. */
  readonly labels: readonly string[]
  /** A header whose value is further labels, separated by commas; null for none. To be set by whoever is trusted alone. */
  readonly header: string | null
  /** What `percent(n)` rolls its dice by: each request anew, or the caller, who then stays on one side. */
  readonly percentBy: 'request' | 'caller'
  /** Further labels of one request; `percent(n)` may be among them. */
  readonly overrideLabels?: (request: GatewayRequest) => Iterable<string>
}

const PERCENT = /^percent\(\s*(\d+(?:\.\d+)?)\s*\)$/

/** Every label in the supergraph, sorted. */
export function readOverrideLabels({ schema }: Supergraph): readonly string[] {
  const labels = new Set<string>()
  for (const application of schema.directive('join__field')?.applications() ?? []) {
    const label: unknown = application.arguments()['overrideLabel']
    if (typeof label === 'string') labels.add(label)
  }
  return [...labels].sort()
}

/** Of the supergraph's labels those that are on, sorted: the same for every step of the request. */
export function chooseOverrides(
  labels: readonly string[],
  request: GatewayRequest,
  settings: OverrideSettings,
): readonly string[] {
  const on = new Set([...settings.labels, ...labelsOfHeader(request, settings.header)])
  for (const label of settings.overrideLabels?.(request) ?? []) on.add(label)
  return labels.filter((label) => on.has(label) || isDrawn(label, request, settings))
}

function labelsOfHeader({ headers }: GatewayRequest, header: string | null): string[] {
  const value = header === null ? undefined : headers?.[header]
  const text = typeof value === 'string' ? value : (value ?? []).join()
  // who rolls the dice is not asked what they show
  return text.split(',').flatMap((label) => (PERCENT.test(label.trim()) ? [] : [label.trim()]))
}

function isDrawn(label: string, request: GatewayRequest, { percentBy }: OverrideSettings): boolean {
  const percent = PERCENT.exec(label)?.[1]
  if (percent === undefined) return false
  const userId = percentBy === 'caller' ? request.caller.principal?.userId : undefined
  return rollOf(userId ?? request.ids.requestId) < Number(percent)
}

/** One roll a key, from 0 to 100: who is among 5 percent is among 10. FNV-1a, mixed as MurmurHash3 ends. */
function rollOf(key: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000) * 100
}
