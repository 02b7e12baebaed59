import { machineTablesWithheld, type ExportPlan } from '../../../platform/personal-data/export-plan.js'

/**
 * What this service gives out to a person about themselves. What others keep about them is theirs and stays out: who has put
 * them on a list or blocked them.
 */
export const exportPlan: ExportPlan = {
  ...machineTablesWithheld,
  profiles: {
    section: 'profile',
    give: [
      ...['user_id', 'display_name', 'bio', 'avatar_url', 'status', 'phone', 'date_of_birth', 'timezone', 'locale'],
      ...['version', 'shows_profile', 'shows_status', 'shows_phone', 'shows_age', 'searchable', 'role'],
      ...['email_verified', 'mfa_enabled', 'created_at', 'updated_at', 'deleted_at', 'deleted_by'],
    ],
    withhold: { search_name: 'the name again', account_revision: 'a counter of the machine' },
    whose: 'user_id = $1::uuid',
    orderBy: 'user_id',
  },
  preferences: {
    section: 'preferences',
    give: ['document', 'version', 'updated_at'],
    withhold: { user_id: 'theirs' },
    whose: 'user_id = $1::uuid',
    orderBy: 'user_id',
  },
  contacts: {
    section: 'contacts',
    give: ['contact_id', 'nickname', 'created_at'],
    withhold: { owner_id: 'theirs' },
    whose: 'owner_id = $1::uuid',
    orderBy: 'created_at, contact_id',
  },
  blocks: {
    section: 'blocked',
    give: ['blocked_id', 'created_at'],
    withhold: { blocker_id: 'theirs' },
    whose: 'blocker_id = $1::uuid',
    orderBy: 'created_at, blocked_id',
  },
  activities: {
    section: 'activity',
    give: ['last_verified_at', 'completed_ai_request_count'],
    withhold: { user_id: 'theirs' },
    whose: 'user_id = $1::uuid',
    orderBy: 'user_id',
  },
  consent_changes: {
    section: 'consents',
    give: ['kind', 'version', 'given', 'at'],
    withhold: { id: 'how much others do', user_id: 'theirs' },
    whose: 'user_id = $1::uuid',
    orderBy: 'id',
  },
  data_exports: {
    section: 'data-exports',
    give: ['id', 'state', 'requested_at', 'ended_at', 'expires_at', 'downloaded_at'],
    withhold: {
      user_id: 'theirs',
      asked_at: 'work under way',
      public_key: 'a key',
      sealed_private_key: 'a secret key',
      archive_bytes: 'of an export',
      link_fingerprint: 'what recognises a secret',
      link_expires_at: 'of a link',
    },
    whose: 'user_id = $1::uuid',
    orderBy: 'requested_at, id',
  },
  content_states: { withhold: 'content gives the whole of it' },
  data_export_parts: { withhold: 'an export in an export' },
  data_export_pieces: { withhold: 'an export in an export' },
  erasures: { withhold: 'told to whoever has the receipt' },
  erasure_acknowledgements: { withhold: 'told to whoever has the receipt' },
}
