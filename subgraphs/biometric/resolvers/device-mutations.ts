import { z } from 'zod'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import { deviceKeyText } from '../evidence/device-key.js'
import type { MutationResolvers } from '../generated/resolvers.js'
import { lineOfText, requireId } from './inputs.js'

type DeviceMutations = Pick<MutationResolvers, 'registerCaptureDevice' | 'disableCaptureDevice'>

const registerCaptureDeviceInput = z.object({
  kind: z.enum(['CAMERA', 'MICROPHONE', 'IRIS_CAMERA', 'FINGERPRINT_READER']),
  model: lineOfText,
  publicKey: deviceKeyText,
})

export const deviceMutations: DeviceMutations = {
  registerCaptureDevice: (_parent, { input }, context) =>
    context.useCases.devices.register(parseInput(registerCaptureDeviceInput, input), requirePrincipal(context).userId),
  disableCaptureDevice: (_parent, { id }, context) =>
    context.useCases.devices.disable(requireId(id), requirePrincipal(context).userId),
}
