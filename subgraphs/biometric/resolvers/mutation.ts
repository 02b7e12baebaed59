import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { enrollBiometricInput, requireId, submitVerificationFrameInput } from './inputs.js'

export const mutation: MutationResolvers = {
  enrollBiometric(_parent, { input }, context) {
    const { userId } = requirePrincipal(context)
    return context.useCases.enroll({ ...parseInput(enrollBiometricInput, input), userId })
  },
  deactivateBiometric(_parent, { id }, context) {
    return context.useCases.deactivate(requireId(id), requirePrincipal(context).userId)
  },
  deleteBiometric(_parent, { id }, context) {
    return context.useCases.remove(requireId(id), requirePrincipal(context).userId)
  },
  startVerification(_parent, { input }, context) {
    return context.useCases.start(requireId(input.recordId), requirePrincipal(context).userId)
  },
  submitVerificationFrame(_parent, { input }, context) {
    const { userId } = requirePrincipal(context)
    const frame = parseInput(submitVerificationFrameInput, input)
    return context.useCases.submit({ ...frame, sessionId: requireId(frame.sessionId), userId })
  },
  cancelVerification(_parent, { id }, context) {
    return context.useCases.cancel(requireId(id), requirePrincipal(context).userId)
  },
}
