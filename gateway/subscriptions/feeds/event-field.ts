import type { Bus } from '../../../platform/bus/bus.js'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import type { EventStreamRule } from '../../event-streams/event-stream-rule.js'
import { digestOf } from './digest-of.js'
import { compileFilter, fillFilter } from './event-filter.js'
import { createEventProjection, EventMisfitError, type EventProjection } from './event-projection.js'
import type { LiveFieldRequest, LiveGeneration, PrimaryFetch } from './live-field-request.js'
import type { DeliveryPolicy, LiveField, ProjectedEvent } from './live-field.js'
import { createNatsFeed } from './nats-feed.js'
import { payloadValues } from './payload-values.js'
import { evaluateSubject } from './subject-template.js'

export interface EventFieldOptions {
  readonly generation: LiveGeneration
  readonly fetch: PrimaryFetch
  readonly request: LiveFieldRequest
  /** Null where the gateway has none: then only these fields are unavailable. */
  readonly bus: Bus | null
  readonly logger: Logger
}

/**
 * A field whose subgraph is `nats:`, fed as its `@eventStream` says. Throws SUBSCRIPTION_SOURCE_UNAVAILABLE where it has
 * none, VAL_VALIDATION_FAILED, VAL_INVALID_FORMAT, AUTH_TOKEN_INVALID.
 */
export function createEventField({ generation, fetch, request, bus, logger }: EventFieldOptions): LiveField {
  const schema = generation.subgraphSchema(fetch.serviceName)
  const projection = createEventProjection(schema, fetch.operation, request.variables)
  const name = projection.field
  const rule = generation.eventStreams.ruleOf(name)
  if (rule === null) {
    const message = `The supergraph names no event source for ${name}.`
    throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE', { message })
  }
  const values = { args: projection.args, principal: request.caller.principal }
  const subject = evaluateSubject(rule.subject, values)
  const filter = rule.filter && fillFilter(rule.filter, values)
  return {
    name,
    feed: createNatsFeed(bus, rule.source, subject, rule.delivery === 'LATEST'),
    replay: rule.replay,
    projectionKey: digestOf([fetch.serviceName, fetch.operation, projection.variables, filter]),
    admits: filter === null ? () => true : compileFilter(filter),
    project: (payload) => projectOrRefuse(payload, projection, logger),
    isLast: (payload) => isLast(payload, rule),
    delivery: deliveryOf(rule),
    audience: rule.audience,
    guard: rule.guard === null ? null : { query: rule.guard, variables: projection.args },
    snapshot: rule.snapshot,
  }
}

function projectOrRefuse(payload: unknown, projection: EventProjection, logger: Logger): ProjectedEvent {
  try {
    return { data: projection.project(payload), errors: [] }
  } catch (cause) {
    const fields = cause instanceof EventMisfitError ? cause.fields : []
    logger.error({ err: cause, field: projection.field, fields }, 'an event does not fit the schema')
    throw new AppError('INT_INTERNAL_ERROR', { cause })
  }
}

function isLast(payload: unknown, { endField, endValues }: EventStreamRule): boolean {
  if (endField === null) return false
  const [value] = payloadValues(payload, [endField])
  return typeof value === 'string' && endValues.includes(value)
}

function deliveryOf({ delivery, key }: EventStreamRule): DeliveryPolicy {
  if (delivery === 'LOSSLESS') return { mode: 'LOSSLESS' }
  return { mode: 'LATEST', keyOf: (payload) => JSON.stringify(key.map((path) => payloadValues(payload, path))) }
}
