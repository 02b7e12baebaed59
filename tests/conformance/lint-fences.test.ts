import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'
import { projectRoot } from '../../platform/service/project-root.js'

/** The rules without types, so that a snippet needs no file and no program. */
const eslint = new ESLint({ cwd: projectRoot, overrideConfig: [tseslint.configs.disableTypeChecked] })

async function faultsOf(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(`${code}\n`, { filePath: path.join(projectRoot, filePath), warnIgnored: true })
  return (result?.messages ?? [])
    .filter(({ ruleId }) => ruleId !== '@typescript-eslint/no-unused-vars')
    .map(({ message }) => message)
}

const importing = (source: string) => `import { thing } from '${source}'\nexport const kept = thing`

describe('import fences', () => {
  it.each([
    ['platform/bus/x.ts', '../../gateway/gateway.js', 'platform/ knows no product'],
    ['platform/bus/x.ts', '../../subgraphs/auth/service.js', 'platform/ knows no product'],
    ['platform/bus/x.ts', '../../schema/contracts/user-registered.js', 'platform/ knows no product'],
    ['gateway/plan/x.ts', '../../subgraphs/auth/service.js', 'gateway/ runs any supergraph'],
    ['gateway/plan/x.ts', '../../schema/contracts/user-registered.js', 'gateway/ runs any supergraph'],
    ['subgraphs/auth/x.ts', '../user/service.js', 'A subgraph never imports another'],
    ['subgraphs/auth/x.ts', '../../gateway/gateway.js', 'neither the gateway in front of it'],
    ['subgraphs/auth/domain/x.ts', '../resolvers/query.js', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '../persistence/prisma-users.js', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '../events/on-content-published.js', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '../generated/prisma/client.js', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', 'graphql', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '@apollo/subgraph', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '@prisma/client', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '@nats-io/jetstream', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/domain/x.ts', '../../../platform/bus/bus.js', 'domain/ is pure TypeScript'],
    ['subgraphs/auth/resolvers/query.ts', '../persistence/prisma-users.js', 'A resolver never reads the database'],
    ['subgraphs/auth/resolvers/query.ts', '../generated/prisma/client.js', 'A resolver never reads the database'],
    ['schema/contracts/x.ts', '../../platform/bus/event-contract.js', 'it imports zod and nothing else'],
    ['schema/contracts/x.ts', 'node:crypto', 'it imports zod and nothing else'],
    ['clients/x.ts', '../platform/errors/app-error.js', 'clients/ is what a frontend uses'],
    ['gateway/plan/x.ts', '../../tests/support/story.js', 'Product code never imports tests/'],
  ])('%s does not import %s', async (file, source, message) => {
    expect(await faultsOf(file, importing(source))).toEqual([expect.stringContaining(message)])
  })

  it.each([
    ['subgraphs/auth/service.ts', './persistence/prisma-users.js'],
    ['subgraphs/auth/service.ts', '../../platform/bus/outbox-relay.js'],
    ['subgraphs/auth/resolvers/query.ts', '../domain/register.js'],
    ['subgraphs/auth/resolvers/query.ts', '../generated/resolvers.js'],
    ['subgraphs/auth/domain/x.ts', '../../../platform/errors/app-error.js'],
    ['subgraphs/auth/events/x.ts', '../../../schema/contracts/user-registered.js'],
    ['gateway/plan/x.ts', '../../platform/log/logger.js'],
    ['gateway/subgraph-client/x.ts', '../supergraph/subgraphs.js'],
    ['schema/contracts/x.ts', 'zod'],
    ['platform/bus/x.test.ts', '../../tests/support/create-test-database.js'],
    ['launcher/x.ts', '../subgraphs/auth/service.js'],
  ])('%s imports %s', async (file, source) => {
    expect(await faultsOf(file, importing(source))).toEqual([])
  })

  it.each([
    ['a type', "export type { Thing } from '../../gateway/gateway.js'"],
    ['a dynamic import', "export const thing = await import('../../gateway/gateway.js')"],
    ['an import in a type', "export type Thing = import('../../gateway/gateway.js').Thing"],
  ])('stand in the way of %s too', async (_, code) => {
    expect(await faultsOf('platform/bus/x.ts', code)).toEqual([expect.stringContaining('platform/ knows no product')])
  })
})

describe('the language of the house', () => {
  it.each([
    ['export default 1', 'Export by name'],
    ["export * from './other.js'", 'No barrels'],
    ["export enum Colour {\n  Red = 'red',\n}", 'Use a union of string literals'],
    ['export const given = (value: any): unknown => value', 'Unexpected any'],
    ['export const cast = 1 as unknown as string', 'A cast through unknown silences the compiler'],
    ['export interface IBus {\n  readonly name: string\n}', 'named after what it does'],
    ['export const port = process.env.PORT', "Only a process's config.ts reads the environment"],
    ["export const port = process['env']['PORT']", "Only a process's config.ts reads the environment"],
    [
      "import { env } from 'node:process'\nexport const port = env.PORT",
      "Only a process's config.ts reads the environment",
    ],
    ["console.log('here')", 'Unexpected console statement'],
    ['// TODO: later\nexport const now = 1', "Unexpected 'todo' comment"],
  ])('has no %j', async (code, message) => {
    expect(await faultsOf('gateway/x.ts', code)).toEqual([expect.stringContaining(message)])
  })

  it.each([
    ['eslint.config.js', 'export default []'],
    ['subgraphs/auth/config.ts', 'export const port = process.env.PORT'],
    ['subgraphs/auth/main.ts', 'export const environment = process.env'],
    ['launcher/say.ts', "console.log('here')"],
    ['platform/service/run-service.ts', "console.error('here')"],
  ])('leaves %s room for %j', async (file, code) => {
    expect(await faultsOf(file, code)).toEqual([])
  })

  it('leaves no promise unattended', async () => {
    const code = 'async function save(): Promise<void> {}\nexport function run(): void {\n  save()\n}'
    expect(await faultsWithTypes(code)).toEqual([expect.stringContaining('Promises must be awaited')])
  })
})

/** What the rules find that must ask the compiler: in a project of one file, for the house's own takes seconds to load. */
async function faultsWithTypes(code: string): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lint-'))
  await writeFile(path.join(folder, 'tsconfig.json'), '{ "compilerOptions": { "types": [] } }')
  await writeFile(path.join(folder, 'x.ts'), code)
  const parserOptions = { projectService: false, project: './tsconfig.json', tsconfigRootDir: folder }
  const typed = new ESLint({
    cwd: folder,
    overrideConfigFile: path.join(projectRoot, 'eslint.config.js'),
    overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions } }],
  })
  const results = await typed.lintFiles(['x.ts'])
  await rm(folder, { recursive: true })
  return results.flatMap(({ messages }) => messages.map(({ message }) => message))
}

describe('sizes and names', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `export const line${at} = ${at}`).join('\n')
  const longFunction = (count: number) => `${Array.from({ length: count }, () => 'void 0').join('\n')}\n`

  it('stops a file at 300 lines of code, a test at 400; blank lines and comments are free', async () => {
    const tooLong = [expect.stringContaining('File has too many lines')]
    expect(await faultsOf('gateway/x.ts', `${lines(300)}\n\n// reason`)).toEqual([])
    expect(await faultsOf('gateway/x.ts', lines(301))).toEqual(tooLong)
    expect(await faultsOf('gateway/x.test.ts', lines(400))).toEqual([])
    expect(await faultsOf('gateway/x.test.ts', lines(401))).toEqual(tooLong)
  })

  it('stops a function at 60 lines, groups of tests excepted', async () => {
    const body = longFunction(70)
    const tooLong = [expect.stringContaining('too many lines')]
    expect(await faultsOf('gateway/x.ts', `export function long() {\n${body}}`)).toEqual(tooLong)
    expect(await faultsOf('gateway/x.test.ts', `it('works', () => {\n${body}})`)).toEqual(
      expect.arrayContaining(tooLong),
    )
    expect(
      await faultsOf(
        'gateway/x.test.ts',
        `import { describe } from '@jest/globals'\ndescribe('it', () => {\n${body}})`,
      ),
    ).toEqual([])
    expect(await faultsOf('platform/x-contract.ts', `export function describeBus() {\n${body}}`)).toEqual([])
  })

  it.each([
    'gateway/utils/x.ts',
    'gateway/helpers.ts',
    'gateway/common/x.ts',
    'gateway/types.ts',
    'gateway/plan-manager.ts',
    'gateway/index.ts',
  ])('refuses the name %s', async (file) => {
    expect(await faultsOf(file, 'export const kept = 1')).toEqual([
      expect.stringContaining('says nothing of what is inside'),
    ])
  })

  it('wants kebab-case', async () => {
    expect(await faultsOf('gateway/QueryPlan.ts', 'export const kept = 1')).toEqual([
      expect.stringContaining('is not kebab-case'),
    ])
  })
})
