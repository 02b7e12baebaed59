import { describe, expect, it } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { gatewayFileJsonSchema } from '../../gateway/config-file.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { errorTable } from '../../scripts/docs/error-table.js'
import { metricTable } from '../../scripts/docs/metric-table.js'

const read = (file: string) => readFileSync(path.join(projectRoot, file), 'utf8')

/** Links of a Markdown page that lead into the repository. */
function localLinks(markdown: string): string[] {
  return [...markdown.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map((match) => match[1] ?? '')
}

describe('the documentation', () => {
  it('lists the error codes as the code has them (npm run docs)', () => {
    expect(read('docs/errors.md')).toBe(errorTable())
  })

  it('lists the metrics as the gateway has them (npm run docs)', async () => {
    expect(read('docs/metrics.md')).toBe(await metricTable())
  })

  it("describes the gateway's file as the code reads it (npm run docs)", () => {
    expect(read('docs/gateway-config.schema.json')).toBe(gatewayFileJsonSchema())
  })

  it('links only to what exists', () => {
    const pages = ['README.md', ...readdirSync(path.join(projectRoot, 'docs/adr')).map((file) => `docs/adr/${file}`)]
    const dead = pages.flatMap((page) =>
      localLinks(read(page))
        .filter((link) => !existsSync(path.join(projectRoot, path.dirname(page), link)))
        .map((link) => `${page}: ${link}`),
    )
    expect(dead).toEqual([])
  })

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...read('README.md').matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })
})
