import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requireViewer } from '../context.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { createContentInput, updateContentInput } from './inputs.js'

export const mutation: MutationResolvers = {
  createContent: (_parent, { input }, context) =>
    context.editor.create(requireViewer(context), parseInput(createContentInput, input)),
  updateContent(_parent, { input }, context) {
    const { id, ...wanted } = parseInput(updateContentInput, input)
    return context.editor.edit(requireViewer(context), existing(id), wanted)
  },
  publishContent: (_parent, { id }, context) => context.editor.publish(requireViewer(context), existing(id)),
  unpublishContent: (_parent, { id }, context) => context.editor.unpublish(requireViewer(context), existing(id)),
  async deleteContent(_parent, { id }, context) {
    return (await context.editor.delete(requireViewer(context), existing(id))).id
  },
}

function existing(id: string): string {
  if (!isEntityId(id)) throw new AppError('RES_NOT_FOUND')
  return id
}
