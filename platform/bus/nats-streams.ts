import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/transport-node'
import { DUPLICATE_WINDOW_MS, streamNames, streamOf, streams, type StreamName } from './subjects.js'

/** Where the three streams live on a server: everything may stand behind a prefix, so that systems can share a server. */
export interface StreamNaming {
  streamName(name: StreamName): string
  /** The stream of a subject or filter of the port. */
  streamNameOf(subject: string): string
  toServer(subject: string): string
  fromServer(subject: string): string
}

export function streamNaming(namespace: string | undefined): StreamNaming {
  if (namespace !== undefined && !/^[A-Za-z0-9-]+$/.test(namespace)) {
    throw new TypeError(`'${namespace}' is not a namespace: letters, digits and dashes only.`)
  }
  const prefix = namespace === undefined ? '' : `${namespace}.`
  const streamName = (name: StreamName) => (namespace === undefined ? name : `${namespace}_${name}`)
  return {
    streamName,
    streamNameOf: (subject) => streamName(streamOf(subject)),
    toServer: (subject) => prefix + subject,
    fromServer: (subject) => subject.slice(prefix.length),
  }
}

/** Creates what is missing and brings to our rules what differs; an operator's own limits and replicas stay. */
export async function ensureStreams(manager: JetStreamManager, naming: StreamNaming): Promise<void> {
  for (const name of streamNames) await ensureStream(manager, naming, name)
}

async function ensureStream(manager: JetStreamManager, naming: StreamNaming, name: StreamName): Promise<void> {
  const { prefix, maxAgeMs } = streams[name]
  const ours = {
    subjects: [naming.toServer(`${prefix}.>`)],
    max_age: nanos(maxAgeMs),
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: -1, // what would be replaced within its age is lost to consumers and cursors without a trace
  }
  const found = await existing(manager, naming.streamName(name))
  if (found === undefined) {
    // Two services that start together both create it: the same configuration twice is no error.
    await manager.streams.add({
      name: naming.streamName(name),
      ...ours,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
    })
  } else if (differs(found, ours)) await manager.streams.update(naming.streamName(name), { ...found, ...ours })
}

async function existing(manager: JetStreamManager, stream: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(stream)).config
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined
    throw error
  }
}

function differs(found: StreamConfig, ours: Partial<StreamConfig>): boolean {
  const values: Readonly<Record<string, unknown>> = { ...found }
  return Object.entries(ours).some(([key, value]) => JSON.stringify(values[key]) !== JSON.stringify(value))
}
