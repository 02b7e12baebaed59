import { beforeAll, describe, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'

const run = promisify(execFile)
const target = z.union([z.string(), z.object({ types: z.string(), default: z.string() })])
const { name, exports } = z
  .object({ name: z.string(), exports: z.record(z.string(), target) })
  .parse(JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8')))
const rooms = Object.entries(exports).flatMap(([room, place]) => (typeof place === 'string' ? [] : [{ room, place }]))

describe('what the package exports', () => {
  beforeAll(() => run(process.execPath, ['scripts/make-ready.mjs'], { cwd: projectRoot }), 60_000)

  it.each(rooms)('$room loads in plain Node, with its types', async ({ room, place }) => {
    const program = `console.log(JSON.stringify(Object.keys(await import('${path.posix.join(name, room)}'))))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: projectRoot })
    expect(z.array(z.string()).parse(JSON.parse(stdout)).length).toBeGreaterThan(0)
    expect(existsSync(path.join(projectRoot, place.types))).toBe(true)
  })
})
