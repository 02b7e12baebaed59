/** `npm run docs`: writes the pages under docs/ that are made from code. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { gatewayFileJsonSchema } from '../../gateway/config-file.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { errorTable } from './error-table.js'
import { metricTable } from './metric-table.js'

writeFileSync(path.join(projectRoot, 'docs', 'errors.md'), errorTable())
writeFileSync(path.join(projectRoot, 'docs', 'gateway-config.schema.json'), gatewayFileJsonSchema())
writeFileSync(path.join(projectRoot, 'docs', 'metrics.md'), await metricTable())
