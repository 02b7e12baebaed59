import { dateTimeScalar } from '../../../platform/graphql/date-time-scalar.js'
import type { MutationResolvers, QueryResolvers } from '../generated/resolvers.js'
import { biometricRecord } from './biometric-record.js'
import { deviceMutations } from './device-mutations.js'
import { gallery, galleryMutations, galleryQueries, identificationCandidate } from './gallery.js'
import { mutation } from './mutation.js'
import { query } from './query.js'
import { user } from './user.js'
import { verificationPolicy } from './verification-policy.js'
import { verificationResult, verificationSession } from './verification-session.js'
import { webhookMutations } from './webhook-mutations.js'

const mutations: MutationResolvers = { ...mutation, ...webhookMutations, ...deviceMutations, ...galleryMutations }
const queries: QueryResolvers = { ...query, ...galleryQueries }

/** Every field that is more than a property of its parent. */
export const resolvers = {
  DateTime: dateTimeScalar,
  Query: queries,
  Mutation: mutations,
  User: user,
  BiometricRecord: biometricRecord,
  VerificationSession: verificationSession,
  VerificationResult: verificationResult,
  VerificationPolicy: verificationPolicy,
  Gallery: gallery,
  IdentificationCandidate: identificationCandidate,
}
