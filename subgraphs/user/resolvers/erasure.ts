import { messageOf, percentOf } from '../domain/erasure.js'
import type { ErasureResolvers } from '../generated/resolvers.js'

export const erasure: ErasureResolvers = {
  percent: (parent) => percentOf(parent),
  message: (parent) => messageOf(parent),
  erasedFrom: ({ acknowledgements }) => acknowledgements.map(({ service, acknowledgedAt: at }) => ({ service, at })),
}
