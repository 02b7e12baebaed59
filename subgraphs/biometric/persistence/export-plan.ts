import { machineTablesWithheld, type ExportPlan } from '../../../platform/personal-data/export-plan.js'

const GUARD = 'how guessing is slowed down'
const SCORES = 'scores would teach a forger how near they came'

/**
 * What this service gives out to a person about themselves. No template and nothing made of one: in wrong hands it would
 * pass for the person, who can't change their face.
 */
export const exportPlan: ExportPlan = {
  ...machineTablesWithheld,
  biometric_consents: {
    section: 'biometric-consents',
    give: ['given', 'version', 'changed_at'],
    withhold: { user_id: 'theirs' },
    whose: 'user_id = $1::uuid',
    orderBy: 'user_id',
  },
  biometric_records: {
    section: 'biometric-records',
    give: [
      'id',
      'type',
      'model_version',
      'quality_score',
      'is_active',
      'enrolled_at',
      'expires_at',
      'last_used_at',
      'sample_version',
      'renewed_at',
    ],
    withhold: { user_id: 'theirs' },
    whose: 'user_id = $1::uuid',
    orderBy: 'enrolled_at, id',
  },
  verification_sessions: {
    section: 'verifications',
    give: [
      ...['id', 'record_ids', 'state', 'attempts_left', 'frames_taken', 'false_match_rate', 'policy_id', 'created_at'],
      ...['expires_at', 'device_id', 'decision', 'algorithm', 'calibration_version', 'decided_at'],
    ],
    withhold: {
      user_id: 'theirs',
      record_id: 'the first of record_ids',
      likelihoods: SCORES,
      poor_frames: 'told as they came',
      percent: 'the state says it',
      nonce: 'work under way',
      frame_id: 'work under way',
      frame_claimed_at: 'work under way',
      score: SCORES,
      threshold: SCORES,
    },
    whose: 'user_id = $1::uuid',
    orderBy: 'created_at, id',
  },
  verification_policies: { withhold: 'terms, about nobody' },
  measured_calibrations: { withhold: 'counts of scores, about a model and nobody' },
  person_keys: { withhold: 'a secret key' },
  biometric_templates: { withhold: 'templates pass for the person' },
  verification_probes: { withhold: 'made of templates' },
  capture_devices: { withhold: 'operators’ devices; nobody’s data' },
  webhooks: { withhold: 'addresses of operators’ systems; nobody’s data' },
  webhook_deliveries: { withhold: 'told to operators within moments; verifications say the same' },
  galleries: { withhold: 'names of collections, about nobody' },
  gallery_members: { withhold: 'whom operators look for is told by them' },
  gallery_changes: { withhold: 'machinery' },
  failure_totals: { withhold: GUARD },
  failure_counters: { withhold: GUARD },
}
