import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Kind, parse, visit, type DocumentNode, type OperationDefinitionNode } from 'graphql'
import { WebSocket } from 'ws'
import { createGraphqlClient, type GraphqlClient } from '../../clients/graphql-client.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { startSupergraph, type Supergraph } from '../support/start-supergraph.js'
import { createFaceSource } from '../support/synthetic-faces.js'
import { until } from '../support/until.js'

const MOST_MS = 60_000

/** Where what stands as "..." in the README comes from: by field and argument, or by argument alone. */
const sources: Readonly<Record<string, readonly [field: string, key: string]>> = {
  recordId: ['enrollBiometric', 'id'],
  sessionId: ['startVerification', 'id'],
  nonce: ['startVerification', 'nonce'],
  'publishContent.id': ['createContent', 'id'],
  'aiRequestProgress.id': ['generateWithAi', 'id'],
}

type Data = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>

const story = await operationsOfReadme()

/** Every operation of the README's story, in its order. */
async function operationsOfReadme(): Promise<readonly OperationDefinitionNode[]> {
  const readme = await readFile(path.join(projectRoot, 'README.md'), 'utf8')
  const [, section = ''] = /## The story in GraphQL\n(.*?)\n## /s.exec(readme) ?? []
  return [...section.matchAll(/```graphql\n(.*?)```/gs)].flatMap(([, text = '']) =>
    parse(text).definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION),
  )
}

function fieldOf({ selectionSet: { selections } }: OperationDefinitionNode): string {
  const [first] = selections
  if (first?.kind !== Kind.FIELD) throw new Error('An operation of the story begins with a field.')
  return first.name.value
}

/** The operation with what earlier ones have answered in place of every "...". */
function filled(operation: OperationDefinitionNode, told: ReadonlyMap<string, Data[string]>): DocumentNode {
  const fill = (name: string): string => {
    const [field, key] = sources[`${fieldOf(operation)}.${name}`] ?? sources[name] ?? []
    const value = told.get(field ?? '')?.[key ?? '']
    if (typeof value !== 'string') throw new Error(`Nothing is known for the ${name} of ${fieldOf(operation)}.`)
    return value
  }
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation] }
  const replace = <
    Node extends { readonly name: { readonly value: string }; readonly value: { readonly kind: string } },
  >(
    node: Node,
  ) =>
    node.value.kind === Kind.STRING && 'value' in node.value && node.value.value === '...'
      ? { ...node, value: { ...node.value, value: fill(node.name.value) } }
      : undefined
  return visit(document, { Argument: replace, ObjectField: replace })
}

describe('the story of the README', () => {
  let house: Supergraph
  let client: GraphqlClient
  let accessToken: string | undefined
  const told = new Map<string, Data[string]>()
  const streams = new Map<string, Promise<readonly Data[]>>()
  const face = createFaceSource(11).person()

  beforeAll(async () => {
    house = await startSupergraph()
    client = createGraphqlClient({ url: house.url, accessToken: () => accessToken ?? null, webSocketImpl: WebSocket })
  }, 90_000)
  afterAll(async () => {
    await client?.close()
    await house?.close()
  }, 60_000)

  async function follow(document: DocumentNode): Promise<readonly Data[]> {
    const events: Data[] = []
    for await (const event of client.subscribe<Data, Record<string, unknown>>(document, {})) events.push(event)
    return events
  }

  async function play(operation: OperationDefinitionNode): Promise<void> {
    const document = filled(operation, told)
    if (operation.operation === 'subscription') {
      streams.set(fieldOf(operation), follow(document))
      return
    }
    const names = operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? []
    const variables = Object.fromEntries(names.map((name) => [name, face.sample()]))
    await until(async () => {
      const data = await client.request<Data, Record<string, unknown>>(document, variables).catch((error: unknown) => {
        if (String(error).includes('needs your consent')) return null // which arrives a moment later
        throw error
      })
      for (const [field, value] of Object.entries(data ?? {})) told.set(field, value)
      return data !== null
    }, MOST_MS)
    const token = told.get('login')?.['accessToken']
    if (typeof token === 'string') accessToken = token
  }

  it('has operations to play', () => {
    expect(story.map(fieldOf)).toEqual(expect.arrayContaining(['register', 'enrollBiometric', 'generateWithAi']))
  })

  it('can be played as it stands, one operation after the other', async () => {
    for (const operation of story) await play(operation)
    expect(told.get('me')).toMatchObject({ email: 'ada@example.com' })
    expect(told.get('submitVerificationFrame')).toMatchObject({ state: 'SUCCEEDED', result: { decision: 'MATCH' } })
    expect(told.get('publishContent')).toEqual({ status: 'PUBLISHED' })
    expect(told.get('contents')).toMatchObject({ edges: [{ node: { title: 'Notes' } }] })
    const lastOf = async (field: string) => (await streams.get(field))?.at(-1)?.[field]
    expect(await lastOf('verificationProgress')).toMatchObject({
      state: 'SUCCEEDED',
      session: { record: { type: 'FACE' }, result: { decision: 'MATCH' } },
    })
    expect(await lastOf('aiRequestProgress')).toMatchObject({ state: 'COMPLETED', percent: 100 })
  }, 180_000)
})
