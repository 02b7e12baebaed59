/**
 * Things that move: a supergraph for measurements and faults of live streams. In: where the subgraph of things listens. Out:
 * a graph whose events come from the bus and are joined with that subgraph.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { composeServices } from '@apollo/composition'
import { parse } from 'graphql'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'

/** What every client asks for: an event joined with fields of an ordinary subgraph. */
export const MOVED = `subscription Moved($topic: ID!) {
  moved(topic: $topic) { sentAt number note thing { name price } }
}`

/** Payload of an event. `sentAt`: microseconds of the system's monotonic clock, which all processes share. */
export const movedEvent = z.object({
  sentAt: z.number(),
  number: z.number(),
  note: z.string(),
  thing: z.object({ id: z.string() }),
})
export type MovedEvent = z.output<typeof movedEvent>

export const subjectOf = (topic: number): string => `progress.moved.${topic}`

const directives = path.join(projectRoot, 'schema', 'events', 'directives.graphql')

const eventsOf = (replay: 'NEW' | 'ALL') => /* GraphQL */ `
  type Subscription {
    moved(topic: ID!): Moved! @eventStream(subject: "progress.moved.{args.topic}", replay: ${replay}, audience: [])
  }
  type Moved {
    sentAt: Float!
    number: Int!
    note: String!
    thing: Thing!
  }
  type Thing @key(fields: "id", resolvable: false) {
    id: ID!
  }
`

const things = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query {
    thing(id: ID!): Thing
  }
  type Thing @key(fields: "id") {
    id: ID!
    name: String
    price: Float
  }
`

/** The supergraph: a virtual subgraph of events and one that knows things, at `thingsUrl`. */
export function composeMovingThings(thingsUrl: string, replay: 'NEW' | 'ALL' = 'NEW'): string {
  const composed = composeServices([
    { name: 'events', url: 'nats://', typeDefs: parse(`${readFileSync(directives, 'utf8')}\n${eventsOf(replay)}`) },
    { name: 'things', url: thingsUrl, typeDefs: parse(things) },
  ])
  if (composed.supergraphSdl === undefined) throw new Error((composed.errors ?? []).join('\n'))
  return composed.supergraphSdl
}
