import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { projectRoot } from '../../platform/service/project-root.js'

const text = readFileSync(path.join(projectRoot, 'docs', 'federation-conformance.md'), 'utf8')
const folder = path.join(projectRoot, 'tests', 'conformance')

/** Of each row of the table: a file and the title of a test in it. */
const rows = [...text.matchAll(/^\|[^|]*\|[^|]*\| \[([^\]]+)\]\(([^)]+)\): ([^|]+)\|$/gm)].map(
  ([, file = '', link = '', title = '']) => ({
    file,
    link,
    title: title.trim(),
  }),
)

describe('the table of federation situations', () => {
  it('names tests that there are', () => {
    expect(rows.length).toBeGreaterThanOrEqual(50)
    const missing = rows.filter(({ file, link, title }) => {
      const source = readFileSync(path.join(folder, file), 'utf8')
      return link !== `../tests/conformance/${file}` || !source.includes(`'${title}'`)
    })
    expect(missing).toEqual([])
  })

  it('names every file of scenarios', () => {
    const files = readdirSync(path.join(folder, 'federation')).filter((name) => name.endsWith('.test.ts'))
    const named = new Set(rows.map(({ file }) => file))
    expect(files.filter((name) => !named.has(`federation/${name}`))).toEqual([])
  })

  it('has a row for each of 45 suites of the audit, and for those that have come since', () => {
    const suites = new Set([...text.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name))
    expect(suites.size).toBe(49)
  })
})
