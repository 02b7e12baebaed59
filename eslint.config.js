/** The rules of the house that a machine can check. What each folder may import stands in scripts/lint/import-fences.mjs. */
import js from '@eslint/js'
import tseslint from 'typescript-eslint'
import { houseRules } from './scripts/lint/house-rules.mjs'

const tests = ['**/*.test.ts', 'tests/**']
const tools = ['scripts/**', 'bench/**', 'demo/**', '*.{js,mjs,ts}']
/** Files that hand the environment on: to a process's config.ts, to a child process, to a tool. */
const entryPoints = ['**/config.ts', '{gateway,subgraphs/*,launcher}/main.ts']
const nodeGlobals = [
  ...[
    'process',
    'console',
    'Buffer',
    'crypto',
    'performance',
    'URL',
    'fetch',
    'AbortController',
    'AbortSignal',
    'WebAssembly',
  ],
  ...[
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'structuredClone',
    'TextEncoder',
    'TextDecoder',
  ],
]

const syntax = {
  defaultExport: {
    selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
    message: 'Export by name: a thing has one name everywhere, and renaming finds every use.',
  },
  enum: {
    selector: 'TSEnumDeclaration',
    message:
      "Use a union of string literals ('a' | 'b'), or `as const` and keyof: an enum is code that types can't erase.",
  },
  doubleCast: {
    selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword',
    message: 'A cast through unknown silences the compiler. Parse the value with zod at the edge, or mend the type.',
  },
  barrel: {
    selector: 'ExportAllDeclaration',
    message: 'No barrels: import from the file that holds the thing, so that a reader finds it in one step.',
  },
  hungarian: {
    selector: 'TSInterfaceDeclaration[id.name=/^I[A-Z][a-z]/]',
    message: 'An interface is named after what it does (Bus, not IBus).',
  },
  environment: {
    selector:
      'MemberExpression[object.name="process"][property.name="env"], MemberExpression[object.name="process"][property.value="env"], ImportDeclaration[source.value=/^(node:)?process$/]',
    message:
      "Only a process's config.ts reads the environment. Add the variable there (and to .env.example) and take the value as an argument.",
  },
}

const restrict = (...names) => ({ 'no-restricted-syntax': ['error', ...names.map((name) => syntax[name])] })
const typescriptOnly = ['enum', 'doubleCast', 'barrel', 'hungarian']

const always = {
  ...restrict('defaultExport', 'environment', ...typescriptOnly),
  'no-console': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
  eqeqeq: 'error',
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'house/import-fences': 'error',
  'house/file-names': 'error',
  'house/function-length': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
}

const typed = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
  '@typescript-eslint/consistent-type-imports': [
    'error',
    { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
  ],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  '@typescript-eslint/no-explicit-any': ['error', { fixToUnknown: true }],
}

export default tseslint.config(
  { ignores: ['**/node_modules/', 'dist/', '.data/', 'coverage/', '**/generated/'] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, plugins: { house: houseRules }, rules: always },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])) },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: typed,
  },
  {
    files: tests,
    rules: {
      ...restrict('defaultExport', ...typescriptOnly),
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  { files: entryPoints, rules: restrict('defaultExport', ...typescriptOnly) },
  { files: tools, rules: restrict('defaultExport', ...typescriptOnly) },
  { files: ['*.{js,mjs,ts}'], rules: restrict(...typescriptOnly) },
  {
    files: ['launcher/**', 'scripts/**', 'bench/**', 'demo/**', 'tests/**', 'platform/service/run-service.ts'],
    rules: { 'no-console': 'off' },
  },
)
