import { RetentionPolicy, type StreamConfig } from '@nats-io/jetstream'
import { NoStreamError } from './bus.js'
import type { NatsParts } from './nats-parts.js'

/**
 * The one stream of somebody else's that keeps a subject. Of several, which a wildcard may catch, none: the events of the others
 * would be missed without a word. Nor one that lets go of messages in another order than that of their age: nobody could tell
 * a reader who goes on from a position that something after it is gone. Throws NoStreamError, and tells the operator.
 */
export async function foreignStreamOf(parts: NatsParts, subject: string, isNewestEnough: boolean): Promise<string> {
  const { manager, logger } = parts
  const streams: string[] = []
  for await (const name of manager.streams.names(subject)) streams.push(name)
  const refuse = (reason: string): never => {
    logger.warn({ subject, streams, reason }, 'live events can not be read of this subject')
    throw new NoStreamError(reason)
  }
  const [only] = streams
  if (only === undefined) return refuse('no stream of the broker covers the subject')
  if (streams.length > 1) return refuse('more than one stream of the broker covers the subject')
  const { config } = await manager.streams.info(only)
  const reason = losingBy(config, isNewestEnough)
  return reason === null ? only : refuse(reason)
}

/** What of a stream's configuration has it lose messages without a trace; null for nothing. */
function losingBy(
  { retention, max_msgs_per_subject: perSubject, discard_new_per_subject: refusesNew = false }: StreamConfig,
  isNewestEnough: boolean,
): string | null {
  if (retention !== RetentionPolicy.Limits) {
    return `the stream lets go of what its consumers have taken (retention '${retention}'): 'limits' is needed`
  }
  if (perSubject > 0 && !refusesNew && !isNewestEnough) {
    return `the stream keeps ${perSubject} messages a subject and replaces older ones: max_msgs_per_subject must be unlimited, or the field's delivery LATEST`
  }
  return null
}
