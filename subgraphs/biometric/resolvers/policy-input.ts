import { z } from 'zod'
import { biometricTypes } from '../domain/biometric-record.js'
import { defaultPolicy, livenessRequirements } from '../domain/policy.js'

const within = (least: number, most: number) => {
  const reason = `must be from ${least} to ${most}`
  return z.number().min(least, reason).max(most, reason)
}

/** A policy's next version as it is asked for: the same ranges as the configuration's. */
export const definePolicyInput = z
  .object({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'must be small letters, digits and hyphens, a letter first'),
    modality: z.enum(biometricTypes),
    falseMatchRate: within(1e-9, 1e-2),
    minimumQuality: within(0, 100),
    liveness: z.enum(livenessRequirements).nullish(),
    maximumFrames: within(1, 10),
    sessionLifeSeconds: within(10, 3_600).nullish(),
    checksDuplicates: z.boolean().nullish(),
  })
  .transform(({ sessionLifeSeconds, liveness, checksDuplicates, ...terms }) => ({
    ...terms,
    liveness: liveness ?? defaultPolicy.liveness,
    sessionLifeMs: 1000 * (sessionLifeSeconds ?? defaultPolicy.sessionLifeMs / 1000),
    checksDuplicates: checksDuplicates ?? defaultPolicy.checksDuplicates,
  }))
