import { decodeCursor, pageSize, toConnection } from '../../../platform/graphql/connection.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type {
  GalleryResolvers,
  IdentificationCandidateResolvers,
  MutationResolvers,
  QueryResolvers,
} from '../generated/resolvers.js'
import { createGalleryInput, identifyBiometricInput } from './gallery-inputs.js'
import { idOrNull, recordCursor, requireId } from './inputs.js'

export const gallery: GalleryResolvers = {
  size: ({ id }, _args, { galleries }) => galleries.readers.size(id),
  memoryBytes: ({ id }, _args, { galleries }) => galleries.readers.bytesOf(id),
}

export const identificationCandidate: IdentificationCandidateResolvers = {
  user: ({ userId }) => ({ id: userId }),
}

export const galleryQueries: Pick<QueryResolvers, 'galleries' | 'gallery'> = {
  async galleries(_parent, { first, after }, context) {
    const size = pageSize(first)
    const key = after === null || after === undefined ? undefined : decodeCursor(after, recordCursor)
    const rows = await context.galleries.readers.page({
      after: key && { at: new Date(key[0]), id: key[1] },
      limit: size + 1,
    })
    return toConnection(rows, size, ({ createdAt, id }) => [createdAt.getTime(), id])
  },
  gallery(_parent, args, { galleries }) {
    const id = idOrNull(args.id)
    return id === null ? null : galleries.readers.find(id)
  },
}

type GalleryMutations = Pick<
  MutationResolvers,
  'createGallery' | 'deleteGallery' | 'addToGallery' | 'removeFromGallery' | 'identifyBiometric'
>

export const galleryMutations: GalleryMutations = {
  createGallery(_parent, { input }, context) {
    const wanted = parseInput(createGalleryInput, input)
    return context.galleries.manage.create(wanted, requirePrincipal(context).userId)
  },
  deleteGallery: (_parent, { id }, context) =>
    context.galleries.manage.remove(requireId(id), requirePrincipal(context).userId),
  addToGallery: (_parent, { galleryId, recordId }, context) =>
    context.galleries.manage.join(requireId(galleryId), requireId(recordId), requirePrincipal(context).userId),
  removeFromGallery: (_parent, { galleryId, recordId }, context) =>
    context.galleries.manage.leave(requireId(galleryId), requireId(recordId), requirePrincipal(context).userId),
  identifyBiometric(_parent, { input }, context) {
    const request = parseInput(identifyBiometricInput, input)
    const { userId: callerId } = requirePrincipal(context)
    return context.galleries.identify({ ...request, galleryId: requireId(request.galleryId), callerId })
  },
}
