import { machineTables, type PersonalDataPlan } from '../../../platform/personal-data/personal-data-plan.js'

/**
 * Where this service keeps what is personal, and what becomes of it in an erasure. What hangs on an account by a foreign key
 * with ON DELETE CASCADE goes with it and is not named here.
 */
export const personalData: PersonalDataPlan = {
  ...machineTables,
  accounts: { delete: ['id'] },
  audit_people: { delete: ['user_id'] },
  passkey_challenges: { keep: 'good for minutes; the person’s own are removed by events/on-erasure-requested.ts' },
  mail_requests: { keep: 'gone within seconds; an address somebody typed, which nobody may have' },
  phone_registrations: { keep: 'good for half an hour; who it is about has no account yet' },
  signing_keys: { keep: 'keys of the house' },
  service_clients: { keep: 'programs, not people' },
  audit_entries: { keep: 'pseudonyms, and details whose key goes with the row of audit_people' },
}
