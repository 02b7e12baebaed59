import { z } from 'zod'
import { decodeCursor, pageSize, toConnection } from '../../../platform/graphql/connection.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import type { MutationResolvers, QueryResolvers } from '../generated/resolvers.js'
import { administratorOf, existing } from './administration-mutations.js'
import { createServiceClientInput, issueServiceTokenInput } from './inputs.js'

const place = z
  .tuple([z.iso.datetime(), z.uuid()])
  .transform(([createdAt, id]) => ({ createdAt: new Date(createdAt), id }))

/** Programs, for administrators. */
export const serviceClientQueries = {
  async serviceClients(_parent, { first, after }, { useCases }) {
    const size = pageSize(first)
    const before = after === null || after === undefined ? null : decodeCursor(after, place)
    const rows = await useCases.serviceClients.list(before, size + 1)
    return toConnection(rows, size, ({ createdAt, id }) => [createdAt.toISOString(), id])
  },
} satisfies QueryResolvers

/** What programs do with their credentials, and administrators with programs. */
export const serviceClientMutations = {
  async issueServiceToken(_parent, { input }, { useCases, device }) {
    const { clientId, clientSecret, scopes } = parseInput(issueServiceTokenInput, input)
    const issued = await useCases.issueServiceToken(clientId, clientSecret, scopes, device)
    return { accessToken: issued.accessToken, expiresIn: issued.expiresInSeconds, scopes: [...issued.scopes] }
  },
  createServiceClient(_parent, { input }, context) {
    const { name, scopes } = parseInput(createServiceClientInput, input)
    return context.useCases.serviceClients.create(administratorOf(context), name, scopes)
  },
  rotateServiceClientSecret: (_parent, { id, endOthersNow }, context) =>
    context.useCases.serviceClients.rotate(administratorOf(context), existing(id), endOthersNow),
  disableServiceClient: (_parent, { id }, context) =>
    context.useCases.serviceClients.disable(administratorOf(context), existing(id)),
} satisfies MutationResolvers
