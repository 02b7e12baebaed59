import { biometricTypes, type BiometricType } from './biometric-record.js'
import type { WritablePolicies } from './define-policy.js'
import { defaultPolicyName, termsOf, type Policy, type PolicyTerms } from './policy.js'

export type DefaultPolicies = ReadonlyMap<BiometricType, Policy>

/** Writes the configured terms as the newest version of every modality's default policy, where they are not so already. */
export async function writeDefaultPolicies(
  policies: WritablePolicies,
  configured: PolicyTerms,
  now: Date,
): Promise<DefaultPolicies> {
  const written = new Map<BiometricType, Policy>()
  for (const modality of biometricTypes) {
    const name = defaultPolicyName(modality)
    const policy = await policies.write({ name, modality, ...termsOf(configured) }, now)
    if (policy === null) throw new Error(`The policy ${name} belongs to another modality.`)
    written.set(modality, policy)
  }
  return written
}
