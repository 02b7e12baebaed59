import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import { changePreferences } from '../domain/preferences.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { addContactInput, personId, preferencesInput, privacySettingsInput, updateProfileInput } from './inputs.js'
import { privacyMutations } from './privacy-mutations.js'

export const mutation: MutationResolvers = {
  ...privacyMutations,
  async updateProfile(_parent, { input }, context) {
    const { userId } = requirePrincipal(context)
    const { version, ...changes } = parseInput(updateProfileInput(context.now), input)
    return context.people.changed(await context.editPeople.change(userId, changes, version))
  },
  async updateUser(_parent, { userId, input }, context) {
    const id = parseInput(personId, userId, 'userId')
    const { version, ...changes } = parseInput(updateProfileInput(context.now), input)
    return context.people.changed(
      await context.administerPeople.change(requirePrincipal(context), id, changes, version),
    )
  },
  async deleteMyProfile(_parent, _args, context) {
    return context.people.changed(await context.editPeople.delete(requirePrincipal(context).userId))
  },
  async restoreMyProfile(_parent, _args, context) {
    return context.people.changed(await context.editPeople.restore(requirePrincipal(context).userId))
  },
  async deleteUser(_parent, { userId }, context) {
    const id = parseInput(personId, userId, 'userId')
    return context.people.changed(await context.administerPeople.delete(requirePrincipal(context), id))
  },
  async restoreUser(_parent, { userId }, context) {
    const id = parseInput(personId, userId, 'userId')
    return context.people.changed(await context.administerPeople.restore(requirePrincipal(context), id))
  },
  async updatePrivacySettings(_parent, { input }, context) {
    const privacy = parseInput(privacySettingsInput, input)
    return (await context.editPeople.change(requirePrincipal(context).userId, { privacy })).privacy
  },
  updatePreferences(_parent, { input }, context) {
    const { userId } = requirePrincipal(context)
    const { version, ...changes } = parseInput(preferencesInput, input)
    return changePreferences(context.preferences, userId, changes, version)
  },
  addContact(_parent, { input }, context) {
    const { userId, nickname } = parseInput(addContactInput, input)
    return context.contactsOf(requirePrincipal(context).userId).add(userId, nickname)
  },
  removeContact(_parent, { userId }, context) {
    return context.contactsOf(requirePrincipal(context).userId).remove(parseInput(personId, userId, 'userId'))
  },
  blockUser(_parent, { userId }, context) {
    return context.contactsOf(requirePrincipal(context).userId).block(parseInput(personId, userId, 'userId'))
  },
  unblockUser(_parent, { userId }, context) {
    return context.contactsOf(requirePrincipal(context).userId).unblock(parseInput(personId, userId, 'userId'))
  },
}
