import { z } from 'zod'

/** A verification took a step. The data is the payload of the subscription `verificationProgress`. Producer: biometric. Follower: the gateway. */
export const verificationProgress = {
  type: 'verification.progress',
  version: 1,
  data: z.strictObject({
    session: z.strictObject({ id: z.uuid() }),
    userId: z.uuid(),
    state: z.enum(['CREATED', 'CAPTURING', 'PROCESSING', 'MATCHING', 'SUCCEEDED', 'FAILED', 'EXPIRED', 'CANCELLED']),
    percent: z.int().min(0).max(100),
    message: z.string(),
    step: z.strictObject({ number: z.int().min(1), of: z.int().min(1), record: z.strictObject({ id: z.uuid() }) }),
    qualityReasons: z.array(z.string()),
    attemptsLeft: z.int().min(0),
    occurredAt: z.iso.datetime(),
  }),
  subject: (data: { userId: string; session: { id: string } }) =>
    `progress.verification.${data.userId}.${data.session.id}`,
  filter: 'progress.verification.*.*',
} as const
