import { decodeCursor, pageSize, toConnection } from '../../../platform/graphql/connection.js'
import { parseInput } from '../../../platform/graphql/parse-input.js'
import { requirePrincipal } from '../../../platform/graphql/subgraph-context.js'
import type { QueryResolvers } from '../generated/resolvers.js'
import { evaluationPoints } from './calibration-input.js'
import { idOrNull, recordCursor } from './inputs.js'

export const query: QueryResolvers = {
  biometricConsent: (_parent, _args, context) => context.readers.hasConsent(requirePrincipal(context).userId),
  biometricRecord(_parent, args, { loaders }) {
    const id = idOrNull(args.id)
    return id === null ? null : loaders.record.load(id)
  },
  async biometricRecords(_parent, { first, after, type }, context) {
    const size = pageSize(first)
    const key = after === null || after === undefined ? undefined : decodeCursor(after, recordCursor)
    const rows = await context.readers.recordPage({
      userId: requirePrincipal(context).userId,
      type: type ?? undefined,
      after: key && { enrolledAt: new Date(key[0]), id: key[1] },
      limit: size + 1,
    })
    return toConnection(rows, size, ({ enrolledAt, id }) => [enrolledAt.getTime(), id])
  },
  calibrations: (_parent, { modality, modelVersion }, { readers }) =>
    readers.calibrations.list({ modality: modality ?? undefined, modelVersion: modelVersion ?? undefined }),
  evaluateCalibration(_parent, { version, thresholds, falseMatchRates }, { readers }) {
    const at = { thresholds: thresholds ?? [], falseMatchRates: falseMatchRates ?? [] }
    return readers.calibrations.evaluate(version, parseInput(evaluationPoints, at, 'evaluateCalibration'))
  },
  anyVerificationSession(_parent, args, { readers }) {
    const id = idOrNull(args.id)
    return id === null ? null : readers.anySession(id)
  },
  verificationPolicies: (_parent, _args, { readers }) => readers.policies(),
  captureDevices: (_parent, _args, { readers }) => readers.captureDevices(100),
  webhooks: (_parent, _args, { readers }) => readers.webhooks(100),
  verificationSession(_parent, args, { loaders }) {
    const id = idOrNull(args.id)
    return id === null ? null : loaders.session.load(id)
  },
}
