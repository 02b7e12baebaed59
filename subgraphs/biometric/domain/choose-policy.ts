import { AppError } from '../../../platform/errors/app-error.js'
import type { BiometricType } from './biometric-record.js'
import type { DefaultPolicies } from './default-policies.js'
import { weakerThan, type Policy, type PolicyTerms } from './policy.js'

export interface ReadablePolicies {
  /** The newest version of the name, also a retired one; null where there is none. */
  newest(name: string): Promise<Policy | null>
}

export interface PolicyChoice {
  readonly modality: BiometricType
  /** The modality's default policy where it is left out. */
  readonly name?: string | undefined
  /** Whether the caller may ask for less than the house does. */
  readonly mayWeaken: boolean
}

interface ChoiceParts {
  readonly policies: ReadablePolicies
  /** Those of the configuration this process runs with: while it is being changed, another replica may have others. */
  readonly defaults: DefaultPolicies
  /** The configured terms. */
  readonly floor: PolicyTerms
}

/**
 * The policy a session is to begin under. Throws VAL_VALIDATION_FAILED that names `input.policy` where none of the name is in
 * force for the modality, and AUTHZ_FORBIDDEN where it asks for less than the house does.
 */
export function createChoosePolicy({ policies, defaults, floor }: ChoiceParts) {
  return async ({ modality, name, mayWeaken }: PolicyChoice): Promise<Policy> => {
    const own = defaults.get(modality)
    if (own !== undefined && (name === undefined || name === own.name)) return own
    const policy = name === undefined ? null : await policies.newest(name)
    if (policy === null || policy.retiredAt !== null) {
      throw policyFault('is in force nowhere: see `verificationPolicies` for those that are')
    }
    if (policy.modality !== modality) throw policyFault(`is for ${policy.modality}, and this is about ${modality}`)
    const weaker = weakerThan(policy, floor)
    if (weaker.length === 0 || mayWeaken) return policy
    const reasons = weaker.join(', and ')
    throw new AppError('AUTHZ_FORBIDDEN', {
      message: `The policy ${policy.name} asks for less than this service does: ${reasons}. Name another, or none.`,
    })
  }
}

function policyFault(reason: string): AppError {
  return new AppError('VAL_VALIDATION_FAILED', { details: [{ field: 'input.policy', reason }] })
}
