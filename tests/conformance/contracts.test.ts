import { describe, expect, it } from '@jest/globals'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'

const folder = path.join(projectRoot, 'schema', 'contracts')
const contract = z.object({
  type: z.string().regex(/^[a-z][a-z-]*(\.[a-z-]+)+$/),
  version: z.int().positive(),
  data: z.instanceof(z.ZodType),
  subject: z.function(),
  filter: z.string().regex(/^(events|progress)\.[a-z.*-]+$/),
})

const modules = await Promise.all(
  readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map(
      async (file) =>
        [
          file,
          z
            .array(contract)
            .length(1)
            .parse(Object.values(await import(path.join(folder, file)))),
        ] as const,
    ),
)

describe('an event contract', () => {
  it.each(modules)('%s stands in the file of its name', (file, [only]) => {
    expect(file).toBe(`${only?.type.replaceAll('.', '-')}.ts`)
  })

  it.each(modules)(
    '%s refuses what it does not name, so that nothing leaks into the log by accident',
    (_file, [only]) => {
      const parsed = only?.data.safeParse({ template: [0.1, 0.2], password: 'hunter2' })
      expect(parsed?.success).toBe(false)
      expect(JSON.stringify(parsed?.error?.issues)).toMatch(/unrecognized_keys/)
    },
  )

  it('has a type and a filter of its own', () => {
    const all = modules.flatMap(([, contracts]) => contracts)
    expect(new Set(all.map((one) => one.type)).size).toBe(all.length)
    expect(new Set(all.map((one) => one.filter)).size).toBe(all.length)
  })
})
