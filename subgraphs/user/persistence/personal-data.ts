import { machineTables, type PersonalDataPlan } from '../../../platform/personal-data/personal-data-plan.js'

/** Where this service keeps what is personal, theirs and what others keep about them, and what becomes of it in an erasure. */
export const personalData: PersonalDataPlan = {
  ...machineTables,
  contacts: { delete: ['owner_id', 'contact_id'] },
  blocks: { delete: ['blocker_id', 'blocked_id'] },
  consent_changes: { delete: ['user_id'] },
  preferences: { delete: ['user_id'] },
  activities: { delete: ['user_id'] },
  content_states: { delete: ['author_id'] },
  profiles: { delete: ['user_id'] },
  data_exports: { delete: ['user_id'] },
  erasures: { keep: 'the erasure itself, which lets go of the person at its end' },
}
