import type { Bus } from '../../../platform/bus/bus.js'
import { AppError } from '../../../platform/errors/app-error.js'
import type { Logger } from '../../../platform/log/logger.js'
import { createEventField } from './event-field.js'
import type { LiveFieldRequest, LiveGeneration, PrimaryFetch } from './live-field-request.js'
import type { LiveField } from './live-field.js'
import { createRemoteField } from './remote-field.js'
import type { UpstreamSettings } from './upstream/upstream-settings.js'

/**
 * Where live fields come from. In: the primary fetch of a subscription's plan, its variables and caller. Out: the field, its
 * feed not yet opened. The scheme of the subgraph's address chooses the transport; it refuses schemes it does not know.
 */
export interface LiveSources {
  /** Null where the gateway has none: then only fields fed by events are unavailable. */
  readonly bus: Bus | null
  /** How subgraphs that serve subscriptions themselves are reached. Without it their fields are unavailable. */
  readonly upstreams?: UpstreamSettings
}

/**
 * Throws AppError: SUBSCRIPTION_SOURCE_UNAVAILABLE where nothing feeds the field, VAL_VALIDATION_FAILED for variables that
 * don't fit, VAL_INVALID_FORMAT for one that can't be part of a subject, AUTH_TOKEN_INVALID for a claim that is missing.
 */
export type CreateLiveField = (
  generation: LiveGeneration,
  fetch: PrimaryFetch,
  request: LiveFieldRequest,
  /** Says as much of faults as may be said of the operation. */
  logger: Logger,
) => LiveField

export function liveFieldsFrom({ bus, upstreams }: LiveSources): CreateLiveField {
  return (generation, fetch, request, logger) => {
    const endpoint = generation.subgraphs.get(fetch.serviceName)
    if (endpoint?.url.protocol === 'nats:') return createEventField({ generation, fetch, request, bus, logger })
    if (endpoint !== undefined && upstreams !== undefined) {
      return createRemoteField({ generation, endpoint, fetch, request, settings: upstreams, logger })
    }
    throw new AppError('SUBSCRIPTION_SOURCE_UNAVAILABLE', { message: 'Nothing feeds this field.' })
  }
}
