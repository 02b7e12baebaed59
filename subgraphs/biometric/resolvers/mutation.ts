import { AppError } from '../../../platform/errors/app-error.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import { sampleDigest } from '../domain/evidence/sample-digest.js'
import type { MutationResolvers, StartVerificationInput } from '../generated/resolvers.js'
import { importCalibrationInput } from './calibration-input.js'
import { definePolicyInput } from './policy-input.js'
import {
  enrollBiometricInput,
  renewBiometricInput,
  requireId,
  submitVerificationFrameInput,
  verifyBiometricInput,
} from './inputs.js'
import { originOf } from './origin.js'

const MOST_RECORDS = 4 // there are no more modalities

export const mutation: MutationResolvers = {
  enrollBiometric(_parent, { input }, context) {
    const { userId } = requirePrincipal(context)
    return context.useCases.enroll({ ...parseInput(enrollBiometricInput, input), userId })
  },
  renewBiometric(_parent, { input }, context) {
    const { userId } = requirePrincipal(context)
    const asked = parseInput(renewBiometricInput, input)
    return context.useCases.renew({ ...asked, recordId: requireId(asked.recordId), userId })
  },
  deactivateBiometric(_parent, { id }, context) {
    return context.useCases.deactivate(requireId(id), requirePrincipal(context).userId)
  },
  deleteBiometric(_parent, { id }, context) {
    return context.useCases.remove(requireId(id), requirePrincipal(context).userId)
  },
  startVerification(_parent, { input }, context) {
    const principal = requirePrincipal(context)
    return context.useCases.start({
      ...{ userId: principal.userId, origin: originOf(principal), recordIds: recordsOf(input) },
      policy: input.policy ?? undefined,
      mayWeaken: principal.permissions.has('biometric:admin'),
    })
  },
  submitVerificationFrame(_parent, { input }, context) {
    const principal = requirePrincipal(context)
    const { userId } = principal
    const frame = parseInput(submitVerificationFrameInput, input)
    return context.useCases.submit({
      ...frame,
      ...{ sessionId: requireId(frame.sessionId), userId, origin: originOf(principal) },
      sampleDigest: sampleDigest(input),
    })
  },
  verifyBiometric(_parent, { input }, context) {
    const principal = requirePrincipal(context)
    const asked = parseInput(verifyBiometricInput, input)
    return context.useCases.verifyOnce({
      ...asked,
      ...{ recordId: requireId(asked.recordId), userId: principal.userId, origin: originOf(principal) },
      mayWeaken: principal.permissions.has('biometric:admin'),
      sampleDigest: sampleDigest(input),
    })
  },
  cancelVerification(_parent, { id }, context) {
    return context.useCases.cancel(requireId(id), requirePrincipal(context).userId)
  },
  liftBiometricLimits(_parent, { userId }, context) {
    return context.useCases.liftLimits(requireId(userId), requirePrincipal(context).userId)
  },
  defineVerificationPolicy(_parent, { input }, { useCases }) {
    return useCases.definePolicy(parseInput(definePolicyInput, input))
  },
  importCalibration(_parent, { input }, { useCases }) {
    return useCases.importCalibration(parseInput(importCalibrationInput, input))
  },
  withdrawCalibration: (_parent, { version }, { useCases }) => useCases.withdrawCalibration(version),
  retireVerificationPolicy: (_parent, { name }, { useCases }) => useCases.retirePolicy(name),
}

/** What a verification is to be against, one way or the other. */
function recordsOf({ recordId, recordIds }: StartVerificationInput): readonly string[] {
  const [one, several] = [recordId ?? null, recordIds ?? null]
  if ((one === null) === (several === null)) {
    const reason = 'must be given, or `recordIds`, and not both'
    throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.recordId', reason }] })
  }
  if (several === null) return [requireId(one ?? '')]
  if (several.length > 1 && several.length <= MOST_RECORDS) return several.map(requireId)
  const reason = `must be 2 to ${MOST_RECORDS}`
  throw new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.recordIds', reason }] })
}
