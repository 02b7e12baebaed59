/** `npm run docs`: writes the pages under docs/ that are made from code. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectRoot } from '../../platform/service/project-root.js'
import { errorTable } from './error-table.js'

writeFileSync(path.join(projectRoot, 'docs', 'errors.md'), errorTable())
