import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import { assertFilter, assertForeignSubject, streamOf } from '../../platform/bus/subjects.js'
import { checkGuardQuery } from './check-guard-query.js'
import type { EventStreamRule, EventStreamRules } from './event-stream-rule.js'
import { conditionsOf } from './filter-rule.js'
import { fillTemplate, placeholdersOf, solePlaceholder } from './placeholders.js'

/** What rules are checked against. */
export interface EventStreamSchemas {
  /** What clients see: guards and snapshots run on it. */
  readonly apiSchema: GraphQLSchema
  subgraphSchema(name: string): GraphQLSchema
}

type SourceField = GraphQLField<unknown, unknown>

/** Throws for a supergraph with an `@eventStream` that could not work, naming the field and what is wrong. */
export function checkEventStreams(rules: EventStreamRules, schemas: EventStreamSchemas): void {
  for (const name of rules.fields) {
    const rule = rules.ruleOf(name)
    if (rule === null) continue
    try {
      const field = sourceField(
        name,
        rules.eventSubgraphs.map((subgraph) => schemas.subgraphSchema(subgraph)),
      )
      checkRule(rule, field)
      if (rule.guard !== null) checkGuardQuery(rule.guard, field, schemas.apiSchema)
      if (rule.snapshot !== null) checkSnapshot(rule.snapshot, name, schemas.apiSchema)
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '')
      throw new Error(`@eventStream of ${name}: ${reason}.`, { cause: error })
    }
  }
}

function sourceField(name: string, schemas: readonly GraphQLSchema[]): SourceField {
  for (const schema of schemas) {
    const field = schema.getSubscriptionType()?.getFields()[name]
    if (field !== undefined) return field
  }
  throw new Error('its subgraph must have an address that begins with nats:')
}

/** Placeholders stand within a token; the first is the SDL's own, so that nobody chooses among what the server has. */
function checkSubject({ subject, source }: EventStreamRule): void {
  if (/^[^.]*\{/.test(subject)) throw new Error('the first token of the subject must be without placeholders')
  const sample = fillTemplate(subject, () => 'x')
  if (source !== 'BUS') return assertForeignSubject(sample)
  assertFilter(sample)
  streamOf(sample)
}

function checkRule(rule: EventStreamRule, field: SourceField): void {
  placeholdersOf(rule.subject)
  checkSubject(rule)
  for (const { from, name } of placeholdersOf(rule.subject)) {
    if (from === 'args' && !isLeafType(getNullableType(argumentType(field, name))))
      throw new Error(`the argument ${name} can't be part of a subject`)
  }
  if (rule.endField !== null) checkEnd(rule.endField, rule.endValues, field)
  for (const path of rule.key) {
    if (!isLeafType(getNullableType(typeAt(field.type, path, false))))
      throw new Error(`${path.join('.')} can't be a key`)
  }
  if (rule.filter === null) return
  for (const { path, values } of conditionsOf(rule.filter)) {
    if (!isLeafType(getNamedType(typeAt(field.type, path, true)))) throw new Error(`${path.join('.')} has no value`)
    for (const value of values) checkFilterValue(value, field)
  }
}

function checkEnd(endField: string, endValues: readonly string[], field: SourceField): void {
  const type = getNullableType(typeAt(field.type, [endField], false))
  if (!isLeafType(type)) throw new Error(`${endField} has no value to end with`)
  if (!isEnumType(type)) return
  const unknown = endValues.find((value) => type.getValue(value) === undefined)
  if (unknown !== undefined) throw new Error(`${type.name} has no value ${unknown}`)
}

function checkFilterValue(value: string, field: SourceField): void {
  for (const { from, name } of placeholdersOf(value)) {
    if (from !== 'args') continue
    const type = getNullableType(argumentType(field, name))
    const item = isListType(type) && solePlaceholder(value) !== null ? getNullableType(type.ofType) : type
    if (!isLeafType(item)) throw new Error(`the argument ${name} can't stand in '${value}'`)
  }
}

function argumentType(field: SourceField, name: string) {
  const argument = field.args.find((candidate) => candidate.name === name)
  if (argument === undefined) throw new Error(`there is no argument ${name}`)
  return argument.type
}

/** The type of a field of the payload. Only what the SDL tells of a payload can be relied on: other fields are refused. */
function typeAt(payload: GraphQLOutputType, path: readonly string[], throughLists: boolean): GraphQLOutputType {
  let type = payload
  for (const name of path) {
    const holder = throughLists ? getNamedType(type) : getNullableType(type)
    const fields = isObjectType(holder) || isInterfaceType(holder) ? holder.getFields() : {}
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (field === undefined) throw new Error(`the payload's type has no field ${path.join('.')}`)
    type = field.type
  }
  return type
}

function checkSnapshot(snapshot: string, name: string, apiSchema: GraphQLSchema): void {
  const field = apiSchema.getSubscriptionType()?.getFields()[name]
  if (field === undefined) return // hidden from clients: nobody can begin it
  const query = apiSchema.getQueryType()?.getFields()[snapshot]
  if (query === undefined) throw new Error(`Query has no field ${snapshot}`)
  const fits = String(query.type) === String(field.type)
  const promisesMore = isNonNullType(query.type) && String(query.type.ofType) === String(field.type)
  if (!fits && !promisesMore) throw new Error(`Query.${snapshot} is not of the type ${String(field.type)}`)
  for (const argument of query.args) {
    const own = field.args.find((candidate) => candidate.name === argument.name)
    if (own === undefined || String(own.type) !== String(argument.type))
      throw new Error(`Query.${snapshot} has an argument ${argument.name} of which this field has no equal`)
  }
}
