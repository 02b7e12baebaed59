import { machineTablesWithheld, type ExportPlan } from '../../../platform/personal-data/export-plan.js'

const WORK = 'how the work was shared among machines'

/** What this service gives out to a person about themselves. */
export const exportPlan: ExportPlan = {
  ...machineTablesWithheld,
  ai_consents: {
    section: 'ai-consents',
    give: ['given', 'version', 'changed_at'],
    withhold: { user_id: 'theirs' },
    whose: 'user_id = $1::uuid',
    orderBy: 'user_id',
  },
  ai_requests: {
    section: 'ai-requests',
    give: [
      ...['id', 'state', 'prompt', 'requested_model', 'max_tokens', 'output', 'model', 'provider', 'failure_code'],
      ...['failure_message', 'prompt_tokens', 'completion_tokens', 'latency_ms', 'created_at', 'finished_at'],
    ],
    withhold: { user_id: 'theirs', attempts: WORK, lease_id: WORK, leased_until: WORK, announced_at: WORK },
    whose: 'user_id = $1::uuid',
    orderBy: 'created_at, id',
  },
}
