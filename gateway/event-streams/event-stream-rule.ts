/**
 * Which fields of Subscription are fed with events, and how. In: a supergraph. Out: the rules its `@eventStream` directives
 * give, checked. It refuses to open anything, and supergraphs whose rules make no sense.
 */
import { Kind, valueFromASTUntyped, type ConstDirectiveNode, type DocumentNode, type TypeNode } from 'graphql'
import { z } from 'zod'
import { filterRule, type FilterRule } from './filter-rule.js'

/** Where a field's events are: on the platform's bus, in a stream of the operator's, or published and kept by nobody. */
export type EventSource = 'BUS' | 'STREAM' | 'CORE'

/** What `@eventStream` says of one Subscription field; see `schema/events/directives.graphql`. */
export interface EventStreamRule {
  readonly subject: string
  readonly source: EventSource
  readonly replay: 'NEW' | 'ALL'
  readonly guard: string | null
  readonly endField: string | null
  readonly endValues: readonly string[]
  /** Null: every event of the subject. */
  readonly filter: FilterRule | null
  readonly delivery: 'LOSSLESS' | 'LATEST'
  /** Paths of payload fields. */
  readonly key: readonly (readonly string[])[]
  /** Names of claims; null: subscriptions are shared within one person only. */
  readonly audience: readonly string[] | null
  /** A field of Query. */
  readonly snapshot: string | null
}

/** Everything the gateway must know about event sources, read from the supergraph file alone. */
export interface EventStreamRules {
  /** The address a subgraph was composed with; its scheme chooses the transport. Null for an unknown subgraph. */
  addressOf(subgraph: string): string | null
  /** Null for a field without `@eventStream`. */
  ruleOf(field: string): EventStreamRule | null
  /** The subgraphs whose address begins with `nats:`. */
  readonly eventSubgraphs: readonly string[]
  /** Every field with a rule. */
  readonly fields: readonly string[]
}

const words = z.array(z.string().min(1)).nullable().default(null)

const ruleSchema = z
  .object({
    subject: z.string().min(1),
    source: z.enum(['BUS', 'STREAM', 'CORE']).default('BUS'),
    replay: z.enum(['NEW', 'ALL']).default('NEW'),
    guard: z.string().nullable().default(null),
    endField: z.string().nullable().default(null),
    endValues: words.transform((values) => values ?? []),
    filter: filterRule.nullable().default(null),
    delivery: z.enum(['LOSSLESS', 'LATEST']).default('LOSSLESS'),
    key: words.transform((paths) => paths?.map((path) => path.split('.')) ?? []),
    audience: words,
    snapshot: z.string().nullable().default(null),
  })
  .refine(({ endField, endValues }) => (endField === null) === (endValues.length === 0), {
    error: '`endField` and `endValues` belong together',
  })
  .refine(({ source, replay }) => source !== 'CORE' || replay === 'NEW', {
    error: '`replay: ALL` is for what is kept, and core NATS keeps nothing',
  })
  .refine(({ delivery, key }) => delivery === 'LATEST' || key.length === 0, { error: '`key` is for LATEST' })
  .refine(({ replay, snapshot }) => replay === 'NEW' || snapshot === null, {
    error: 'a stream begins with a snapshot or with what the log keeps, not with both',
  })

const graphSchema = z.object({ name: z.string(), url: z.string().default('') })

const read = new WeakMap<DocumentNode, EventStreamRules>()

/** Reads the rules of a supergraph, once a document. Throws where an `@eventStream` makes no sense, naming the field. */
export function readEventStreamRules(supergraph: DocumentNode): EventStreamRules {
  const known = read.get(supergraph)
  if (known) return known
  const addresses = readAddresses(supergraph)
  const rules = readRules(supergraph)
  const found = {
    addressOf: (subgraph: string) => addresses.get(subgraph) ?? null,
    ruleOf: (field: string) => rules.get(field) ?? null,
    eventSubgraphs: [...addresses].flatMap(([name, address]) => (address.startsWith('nats:') ? [name] : [])),
    fields: [...rules.keys()],
  }
  read.set(supergraph, found)
  return found
}

function readAddresses(supergraph: DocumentNode): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>()
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const value of definition.values ?? []) {
      for (const directive of value.directives ?? []) {
        if (directive.name.value !== 'join__graph') continue
        const graph = graphSchema.parse(argumentsOf(directive))
        addresses.set(graph.name, graph.url)
      }
    }
  }
  return addresses
}

function readRules(supergraph: DocumentNode): ReadonlyMap<string, EventStreamRule> {
  const rules = new Map<string, EventStreamRule>()
  const root = subscriptionTypeOf(supergraph)
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION) continue
    if (definition.name.value !== root) continue
    for (const field of definition.fields ?? []) {
      const directive = field.directives?.find((candidate) => candidate.name.value === 'eventStream')
      if (directive) rules.set(field.name.value, parseRule(field.name.value, field.type, directive))
    }
  }
  return rules
}

function subscriptionTypeOf(supergraph: DocumentNode): string {
  for (const definition of supergraph.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue
    for (const operation of definition.operationTypes ?? []) {
      if (operation.operation === 'subscription') return operation.type.name.value
    }
  }
  return 'Subscription'
}

function parseRule(field: string, type: TypeNode, directive: ConstDirectiveNode): EventStreamRule {
  const parsed = ruleSchema.safeParse(argumentsOf(directive))
  if (!parsed.success) throw new Error(`@eventStream of ${field} is not usable: ${z.prettifyError(parsed.error)}`)
  if (listDepth(type) > 0)
    throw new Error(`@eventStream of ${field}: an event is one value, so the field can't be a list.`)
  return parsed.data
}

function listDepth(type: TypeNode): number {
  if (type.kind === Kind.NAMED_TYPE) return 0
  return (type.kind === Kind.LIST_TYPE ? 1 : 0) + listDepth(type.type)
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map((argument) => [argument.name.value, valueFromASTUntyped(argument.value)]),
  )
}
