import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { projectRoot } from '../../../platform/service/project-root.js'

/** Folder to the folders its files import from, of types too. The root's own files see everything and are seen by all. */
function importsBetweenFolders(root: string): Map<string, Set<string>> {
  const top = path.join(projectRoot, root)
  const folders = new Map<string, Set<string>>()
  const folderOf = (file: string) => path.relative(top, file).split(path.sep).slice(0, -1)[0]
  for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const file = path.join(top, name)
    const from = folderOf(file)
    if (from === undefined) continue
    const targets = folders.get(from) ?? new Set<string>()
    folders.set(from, targets)
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
      if (!fileName.startsWith('.')) continue
      const target = path.resolve(path.dirname(file), fileName)
      const to = target.startsWith(top + path.sep) ? folderOf(target) : undefined
      if (to !== undefined && to !== from) targets.add(to)
    }
  }
  return folders
}

/** File to the files it imports, of types too. */
function importsBetweenFiles(root: string): Map<string, Set<string>> {
  const top = path.join(projectRoot, root)
  const files = new Map<string, Set<string>>()
  for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
    const file = path.join(top, name)
    const targets = ts
      .preProcessFile(readFileSync(file, 'utf8'))
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => path.relative(top, path.resolve(path.dirname(file), fileName)).replace(/\.js$/, '.ts'))
    files.set(name, new Set(targets))
  }
  return files
}

/** What is left when folders that import nothing that is left are taken away, again and again: the circles, and what leads into them. */
function circlesOf(folders: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const left = new Map(folders)
  for (let before = -1; before !== left.size;) {
    before = left.size
    for (const [from, targets] of left) if (![...targets].some((to) => left.has(to))) left.delete(from)
  }
  return [...left.keys()].sort()
}

describe('the folders of the gateway', () => {
  it('can be read in an order: none imports, by whatever way, what imports it', () => {
    const folders = importsBetweenFolders('gateway')
    expect([...folders.keys()]).toEqual(expect.arrayContaining(['execute', 'plan', 'supergraph', 'http']))
    expect(circlesOf(folders)).toEqual([])
  })

  it('hold files of which none imports, by whatever way, what imports it', () => {
    const files = importsBetweenFiles('gateway')
    expect(files.get('execute/defer-step.ts')).toContain('execute/execution.ts')
    expect(circlesOf(files)).toEqual([])
  })

  it('would be seen to form a circle', () => {
    const folders = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
      ['d', new Set<string>()],
    ])
    expect(circlesOf(folders)).toEqual(['a', 'b', 'c'])
  })
})
