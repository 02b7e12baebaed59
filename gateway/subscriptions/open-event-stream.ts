import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { Bus, FollowedEvent, Follower } from '../../platform/bus/bus.js'
import { AppError } from '../../platform/errors/app-error.js'
import type { Logger } from '../../platform/log/logger.js'
import type { GatewayRequest } from '../gateway-request.js'
import {
  createEventProjection,
  EventMisfitError,
  type EventProjection,
  type PrimaryData,
} from './feeds/event-projection.js'
import { readEventStreamRules, type EventStreamRule } from '../event-streams/event-stream-rule.js'
import { releaseOnReturn } from '../incremental/release-on-return.js'
import { checkGuard, type RunQuery } from './stream-guard.js'
import { evaluateSubject } from './feeds/subject-template.js'

/*
 * The source of a subscription whose subgraph is `nats://`. In: the primary fetch of its plan. Out: for every event the
 * data that fetch would have answered with; the rest of the plan joins it to the graph. It refuses subjects that an
 * argument could widen, things the guard does not show to this caller, and events that don't fit the schema.
 */

/** What an event stream must know of a supergraph: the file, and the schema of one of its subgraphs. */
export interface EventSchemaSource {
  readonly supergraphDocument: DocumentNode
  subgraphSchema(name: string): GraphQLSchema
}

/** The primary fetch of a subscription plan. */
export interface PrimaryFetch {
  readonly serviceName: string
  readonly operation: string
}

export interface EventStreamOptions {
  readonly generation: EventSchemaSource
  readonly fetch: PrimaryFetch
  readonly request: Pick<GatewayRequest, 'variables' | 'caller' | 'signal'>
  /** Runs the guard. */
  readonly run: RunQuery
  /** Null where the gateway has none: then only event streams are unavailable. */
  readonly bus: Bus | null
  readonly logger: Logger
}

/**
 * Opens the stream, then checks the guard, so that no event between the two is missed. The generator holds one event at a
 * time; returning it or aborting the request's signal closes its follower at once.
 * Throws, and its generator throws, AppError only: SUBSCRIPTION_SOURCE_UNAVAILABLE, VAL_INVALID_FORMAT,
 * VAL_VALIDATION_FAILED, AUTH_TOKEN_INVALID, RES_NOT_FOUND, what the guard refuses with, INT_INTERNAL_ERROR.
 */
export async function openEventStream(options: EventStreamOptions): Promise<AsyncGenerator<PrimaryData, void, void>> {
  const { generation, fetch, request, bus } = options
  const rules = readEventStreamRules(generation.supergraphDocument)
  requireEventAddress(rules.addressOf(fetch.serviceName))
  const schema = generation.subgraphSchema(fetch.serviceName)
  const projection = createEventProjection(schema, fetch.operation, request.variables)
  const rule = rules.ruleOf(projection.field)
  if (rule === null) throw unavailable(`The supergraph names no event source for ${projection.field}.`)
  const subject = evaluateSubject(rule.subject, { args: projection.args, principal: request.caller.principal })
  const follower = await follow(bus, subject, rule)
  try {
    if (rule.guard !== null) await checkGuard(rule.guard, projection.args, options.run)
  } catch (error) {
    await follower.close()
    throw error
  }
  return stream(follower, rule, projection, options)
}

function requireEventAddress(address: string | null): void {
  if (address?.startsWith('nats:')) return
  throw unavailable('This field is streamed by a subgraph of its own, which this gateway does not pass on.')
}

async function follow(bus: Bus | null, subject: string, rule: EventStreamRule): Promise<Follower> {
  if (bus === null) throw unavailable()
  try {
    return await bus.follow(subject, rule.replay === 'ALL' ? 'all' : 'new')
  } catch (cause) {
    throw unavailable(undefined, cause)
  }
}

function stream(
  follower: Follower,
  rule: EventStreamRule,
  projection: EventProjection,
  { request: { signal }, logger }: EventStreamOptions,
): AsyncGenerator<PrimaryData, void, void> {
  let released: Promise<void> | undefined
  const release = () => {
    signal.removeEventListener('abort', onAbort)
    return (released ??= follower.close())
  }
  const onAbort = () => {
    release().catch((error: unknown) => logger.warn({ err: error }, 'an event follower did not close'))
  }
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })

  async function* events(): AsyncGenerator<PrimaryData, void, void> {
    try {
      for await (const event of follower) {
        yield dataOf(event, projection, logger)
        if (isLast(event, rule)) return
      }
    } catch (error) {
      throw error instanceof AppError ? error : unavailable(undefined, error)
    } finally {
      await release()
    }
  }
  return releaseOnReturn(events(), release)
}

function dataOf({ envelope }: FollowedEvent, projection: EventProjection, logger: Logger): PrimaryData {
  try {
    return projection.project(envelope.data)
  } catch (error) {
    const fields = error instanceof EventMisfitError ? error.fields : []
    logger.error(
      { err: error, eventId: envelope.id, eventType: envelope.type, fields },
      'an event does not fit the schema',
    )
    throw new AppError('INT_INTERNAL_ERROR', { cause: error })
  }
}

function isLast({ envelope: { data } }: FollowedEvent, { endField, endValues }: EventStreamRule): boolean {
  if (endField === null || typeof data !== 'object' || data === null || !Object.hasOwn(data, endField)) return false
  const value: unknown = Reflect.get(data, endField)
  return typeof value === 'string' && endValues.includes(value)
}

function unavailable(message?: string, cause?: unknown): AppError {
  return new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE', { ...(message !== undefined && { message }), cause })
}
