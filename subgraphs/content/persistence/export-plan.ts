import { machineTablesWithheld, type ExportPlan } from '../../../platform/personal-data/export-plan.js'

/** What this service gives out to a person about themselves: all they wrote, what they deleted included while it is kept. */
export const exportPlan: ExportPlan = {
  ...machineTablesWithheld,
  contents: {
    section: 'contents',
    give: [
      ...['id', 'title', 'body', 'type', 'status', 'tags', 'version'],
      ...['published_at', 'created_at', 'updated_at', 'deleted_at'],
    ],
    withhold: { author_id: 'theirs', search: 'an index of title and body' },
    whose: 'author_id = $1::uuid',
    orderBy: 'created_at, id',
  },
}
