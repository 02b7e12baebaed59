import { machineTables, type PersonalDataPlan } from '../../../platform/personal-data/personal-data-plan.js'

/**
 * Where this service keeps what is personal, and what becomes of it in an erasure. All that a person wrote goes, drafts and
 * published alike: what they published stands under their name, and nobody else has a right to it here.
 */
export const personalData: PersonalDataPlan = {
  ...machineTables,
  contents: { delete: ['author_id'] },
}
