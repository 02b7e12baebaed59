import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parse, type DocumentNode } from 'graphql'
import { projectRoot } from '../service/project-root.js'

/** The SDL of a subgraph: every `.graphql` file of `schema/<name>`, in the order of their names. */
export function loadTypeDefs(name: string): DocumentNode {
  const folder = path.join(projectRoot, 'schema', name)
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.graphql'))
    .sort()
  return parse(files.map((file) => readFileSync(path.join(folder, file), 'utf8')).join('\n'))
}
