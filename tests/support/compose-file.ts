/**
 * docker-compose.yml as Docker would read it. In: the variables of a `.env`. Out: its services with every `${...}` put in.
 * It refuses a missing required variable with the file's own message, and what it doesn't know of the format.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { projectRoot } from '../../platform/service/project-root.js'

export type Variables = Readonly<Record<string, string | undefined>>

const composeService = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({}),
  ports: z.array(z.string()).default([]),
  expose: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
  healthcheck: z.strictObject({
    test: z.tuple([z.literal('CMD')], z.string()),
    interval: z.string(),
    timeout: z.string(),
    retries: z.number(),
    start_period: z.string(),
  }),
  init: z.boolean().optional(),
  restart: z.literal('unless-stopped'),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
})

const composeFile = z.object({
  services: z.record(z.string(), composeService),
  volumes: z.record(z.string(), z.null()).default({}),
})

export type ComposeService = z.output<typeof composeService>
export type ComposeFile = z.output<typeof composeFile>

const file = path.join(projectRoot, 'docker-compose.yml')
const readDocument = (): unknown => parse(readFileSync(file, 'utf8'), { merge: true })

export function readComposeFile(variables: Variables): ComposeFile {
  return composeFile.parse(interpolate(readDocument(), variables))
}

export interface ComposeVariable {
  readonly name: string
  readonly required: boolean
  /** What stands in for it where it is empty. */
  readonly standIn: string
}

/** Every variable the file asks a `.env` for. */
export function composeVariables(): ComposeVariable[] {
  const text = JSON.stringify(readDocument())
  const found = new Map(
    [...text.matchAll(variable)].map(({ groups: { name = '', operator, rest = '' } = {} }) => {
      const required = operator === ':?'
      return [name, { name, required, standIn: required ? '' : rest }]
    }),
  )
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name))
}

const variable = /\$\{(?<name>[A-Z][A-Z0-9_]*)(?:(?<operator>:[-?])(?<rest>[^}]*))?\}/g

function interpolate(value: unknown, variables: Variables): unknown {
  if (typeof value === 'string') return interpolateText(value, variables)
  if (Array.isArray(value)) return value.map((item) => interpolate(item, variables))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, variables)]))
}

function interpolateText(text: string, variables: Variables): string {
  return text.replaceAll(variable, (_, name: string, operator?: string, rest = '') => {
    const value = variables[name]
    if (value !== undefined && value !== '') return value
    if (operator === ':?') throw new Error(`${name}: ${rest}`)
    return operator === ':-' ? rest : ''
  })
}
