/** The house's own ESLint rules: import fences, names of files, length of functions. Each message says what to do instead. */
import path from 'node:path'
import { builtinRules } from 'eslint/use-at-your-own-risk'
import { brokenFence } from './import-fences.mjs'

const projectRoot = path.resolve(import.meta.dirname, '..', '..')

/** A path from the project's root with forward slashes. */
const fromRoot = (file) => path.relative(projectRoot, file).split(path.sep).join('/')

function targetOf(importer, source) {
  if (!source.startsWith('.')) return `package:${source.replace(/^node:/, '')}`
  return fromRoot(path.resolve(path.dirname(importer), source))
}

const importFences = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return
      const because = brokenFence(fromRoot(context.filename), targetOf(context.filename, source.value))
      if (because !== null) context.report({ node: source, message: because })
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    }
  },
}

const vagueNames = new Set([
  'util',
  'utils',
  'helper',
  'helpers',
  'common',
  'misc',
  'types',
  'manager',
  'managers',
  'index',
])
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/

const fileNames = {
  meta: { type: 'suggestion', schema: [] },
  create: (context) => ({
    Program(node) {
      const report = (message) => context.report({ node, loc: { line: 1, column: 0 }, message })
      for (const part of fromRoot(context.filename).split('/')) {
        const words = part.split('.')[0].split('-')
        if (vagueNames.has(words.join('-')) || words.some((word) => word === 'manager' || word === 'utils')) {
          report(
            `"${part}" says nothing of what is inside. Name a folder after its part of the work, a file after its one main export.`,
          )
        }
      }
      const name = path.basename(context.filename)
      if (!KEBAB_CASE.test(name)) report(`"${name}" is not kebab-case, e.g. start-verification.ts.`)
    },
  }),
}

const lengthRule = builtinRules.get('max-lines-per-function')
/** The callback of a `describe`, or a `describe...` function, as a suite that several engines share has them. */
function isTestGroup(node) {
  if (node.type === 'FunctionDeclaration') return node.id?.name.startsWith('describe') ?? false
  return node.parent?.type === 'CallExpression' && callName(node.parent.callee).startsWith('describe')
}

function callName(callee) {
  if (callee.type === 'Identifier') return callee.name
  if (callee.type === 'MemberExpression') return callName(callee.object)
  return callee.type === 'CallExpression' ? callName(callee.callee) : ''
}

/** ESLint's own rule, except that a group of tests is a chapter and not a function. */
const functionLength = {
  meta: lengthRule.meta,
  create(context) {
    const report = (problem) => {
      if (!isTestGroup(problem.node)) context.report(problem)
    }
    return lengthRule.create(Object.create(context, { report: { value: report } }))
  },
}

export const houseRules = {
  rules: { 'import-fences': importFences, 'file-names': fileNames, 'function-length': functionLength },
}
