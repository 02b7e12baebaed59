import { AppError } from '../../../platform/errors/app-error.js'
import { biometricTypes, type BiometricType } from './biometric-record.js'
import { defaultPolicyName, termsOf, type Policy, type PolicyTerms } from './policy.js'

export interface NewPolicy extends PolicyTerms {
  readonly name: string
  readonly modality: BiometricType
}

export interface WritablePolicies {
  /**
   * Makes the name's next version; the newest one as it is where it is in force with these terms already, so that writing
   * twice makes one. Null, and nothing written, where the name is another modality's.
   */
  write(policy: NewPolicy, now: Date): Promise<Policy | null>
  /** Takes the name's newest version out of force; null where there is none. */
  retire(name: string, now: Date): Promise<Policy | null>
}

interface PolicyParts {
  readonly policies: WritablePolicies
  readonly now: () => Date
}

const configured: ReadonlySet<string> = new Set(biometricTypes.map(defaultPolicyName))

/** Writes the next version of a policy. Throws RES_CONFLICT for a name that is the configuration's or another modality's. */
export function createDefinePolicy({ policies, now }: PolicyParts) {
  return async ({ name, modality, ...terms }: NewPolicy): Promise<Policy> => {
    refuseConfigured(name)
    const written = await policies.write({ name, modality, ...termsOf(terms) }, now())
    if (written !== null) return written
    throw new AppError('RES_CONFLICT', { message: `The policy ${name} is of another modality: choose another name.` })
  }
}

/** No session begins under the policy any more; those under way are decided under it. Throws RES_NOT_FOUND, RES_CONFLICT. */
export function createRetirePolicy({ policies, now }: PolicyParts) {
  return async (name: string): Promise<Policy> => {
    refuseConfigured(name)
    const retired = await policies.retire(name, now())
    if (retired === null) throw new AppError('RES_NOT_FOUND')
    return retired
  }
}

function refuseConfigured(name: string): void {
  if (!configured.has(name)) return
  throw new AppError('RES_CONFLICT', {
    message: `The policy ${name} comes from the configuration: change it there, or choose another name.`,
  })
}
