import { machineTables, type PersonalDataPlan } from '../../../platform/personal-data/personal-data-plan.js'

/** Where this service keeps what is personal, and what becomes of it in an erasure. A worker that is at it finds its request gone. */
export const personalData: PersonalDataPlan = {
  ...machineTables,
  ai_consents: { delete: ['user_id'] },
  ai_requests: { delete: ['user_id'] },
}
