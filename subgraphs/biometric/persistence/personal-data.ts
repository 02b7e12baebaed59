import { machineTables, type PersonalDataPlan } from '../../../platform/personal-data/personal-data-plan.js'

/** Where this service keeps what is personal, and what becomes of it in an erasure. Templates and probes go with their record. */
export const personalData: PersonalDataPlan = {
  ...machineTables,
  verification_policies: { keep: 'terms, about nobody' },
  measured_calibrations: { keep: 'counts of scores, about a model and nobody' },
  galleries: { keep: 'names of collections, about nobody' },
  gallery_changes: { keep: 'ids of records, which say nothing once these are gone; forgotten after a day' },
  biometric_consents: { delete: ['user_id'] },
  person_keys: { delete: ['user_id'] },
  biometric_records: { delete: ['user_id'] },
  verification_sessions: { delete: ['user_id'] },
  capture_devices: { keep: 'operators’ devices; nobody’s data' },
  webhooks: { keep: 'addresses of operators’ systems; nobody’s data' },
  webhook_deliveries: { delete: ['user_id'] },
  failure_totals: { delete: ['user_id'] },
  failure_counters: { delete: ['user_id'] },
}
