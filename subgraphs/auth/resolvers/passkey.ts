import { AppError } from '../../../platform/errors/app-error.js'
import { isEntityId } from '../../../platform/graphql/entity-id.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers, PasskeyResolvers, QueryResolvers } from '../generated/resolvers.js'
import {
  challengeTokenInput,
  finishPasskeyRegistrationInput,
  passkeyAssertionInput,
  passkeyMfaInput,
  passkeyName,
} from './passkey-inputs.js'
import { byOf } from './second-factor-mutations.js'

export const passkey: PasskeyResolvers = {
  syncable: ({ isBackupEligible }) => isBackupEligible,
  backedUp: ({ isBackedUp }) => isBackedUp,
  transports: ({ transports }) => [...transports],
}

export const passkeyQueries = {
  async myPasskeys(_parent, _args, context) {
    return [...(await context.useCases.passkeys().manage.list(requirePrincipal(context).userId))]
  },
} satisfies QueryResolvers

/** What is done with passkeys; where a device signs, each in two steps. */
export const passkeyMutations = {
  beginPasskeyRegistration: (_parent, _args, context) => context.useCases.passkeys().manage.begin(byOf(context)),
  async finishPasskeyRegistration(_parent, { input }, context) {
    const created = parseInput(finishPasskeyRegistrationInput, input)
    return context.useCases.passkeys().manage.finish(byOf(context), created)
  },
  async renamePasskey(_parent, { id, ...args }, context) {
    const { name } = parseInput(passkeyName, args)
    return context.useCases.passkeys().manage.rename(byOf(context), existing(id), name)
  },
  async removePasskey(_parent, { id }, context) {
    await context.useCases.passkeys().manage.remove(byOf(context), existing(id))
    return true
  },
  beginPasskeyLogin: (_parent, _args, { useCases, device }) => useCases.passkeys().signIn.beginLogin(device),
  finishPasskeyLogin: (_parent, { input }, { useCases, device }) =>
    useCases.passkeys().signIn.finishLogin(parseInput(passkeyAssertionInput, input), device),
  beginPasskeyMfa: (_parent, args, { useCases }) =>
    useCases.passkeys().signIn.beginMfa(parseInput(challengeTokenInput, args).challengeToken),
  finishPasskeyMfa(_parent, { input }, { useCases, device }) {
    const { challengeToken, assertion } = parseInput(passkeyMfaInput, input)
    return useCases.passkeys().signIn.finishMfa(challengeToken, assertion, device)
  },
  beginPasskeyReauthentication: (_parent, _args, context) =>
    context.useCases.passkeys().signIn.beginReauthentication(requirePrincipal(context)),
  async finishPasskeyReauthentication(_parent, { input }, context) {
    const assertion = parseInput(passkeyAssertionInput, input)
    const { signIn } = context.useCases.passkeys()
    const fresh = await signIn.finishReauthentication(requirePrincipal(context), assertion, context.device)
    return { accessToken: fresh.accessToken, expiresIn: fresh.expiresInSeconds }
  },
} satisfies MutationResolvers

function existing(id: string): string {
  if (!isEntityId(id)) throw new AppError('RES_NOT_FOUND')
  return id
}
