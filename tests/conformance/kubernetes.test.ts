import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from '@jest/globals'
import * as apps from 'kubernetes-models/apps/v1'
import * as autoscaling from 'kubernetes-models/autoscaling/v2'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as policy from 'kubernetes-models/policy/v1'
import * as core from 'kubernetes-models/v1'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { readGatewayConfig } from '../../gateway/config.js'
import { readEnginesConfig } from '../../platform/service/connect-engines.js'
import { projectRoot } from '../../platform/service/project-root.js'
import { readAiConfig } from '../../subgraphs/ai/config.js'
import { readAuthConfig } from '../../subgraphs/auth/config.js'
import { readBiometricConfig } from '../../subgraphs/biometric/config.js'
import { readContentConfig } from '../../subgraphs/content/config.js'
import { readUserConfig } from '../../subgraphs/user/config.js'
import { processNames, processVariables, type ProcessName } from '../support/process-variables.js'

const folder = path.join(projectRoot, 'deploy', 'kubernetes')
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8')

const document = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
})
type Document = z.output<typeof document>
const documentsOf = (file: string): Document[] =>
  parseAllDocuments(read(`base/${file}`)).map((each) => document.parse(each.toJS()))

const kustomization = z
  .object({ resources: z.array(z.string()), configMapGenerator: z.array(z.object({ envs: z.array(z.string()) })) })
  .parse(parse(read('base/kustomization.yaml')))
const documents = kustomization.resources.flatMap(documentsOf)

/** The schemas of Kubernetes itself; each throws with what is wrong. */
const models: Readonly<Record<string, (data: object) => { validate(): void }>> = {
  'apps/v1 Deployment': (data) => new apps.Deployment(data),
  'autoscaling/v2 HorizontalPodAutoscaler': (data) => new autoscaling.HorizontalPodAutoscaler(data),
  'networking.k8s.io/v1 NetworkPolicy': (data) => new networking.NetworkPolicy(data),
  'policy/v1 PodDisruptionBudget': (data) => new policy.PodDisruptionBudget(data),
  'v1 Namespace': (data) => new core.Namespace(data),
  'v1 Service': (data) => new core.Service(data),
}

const container = z.looseObject({
  args: z.array(z.string()),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  envFrom: z.tuple([
    z.strictObject({ configMapRef: z.strictObject({ name: z.literal('biometrics') }) }),
    z.strictObject({ secretRef: z.strictObject({ name: z.string() }) }),
  ]),
  ports: z.tuple([
    z.strictObject({ name: z.literal('http'), containerPort: z.number() }),
    z.strictObject({ name: z.literal('metrics'), containerPort: z.literal(9464) }),
  ]),
  livenessProbe: z.looseObject({ httpGet: z.strictObject({ path: z.literal('/health'), port: z.literal('http') }) }),
  readinessProbe: z.looseObject({ httpGet: z.strictObject({ path: z.literal('/ready'), port: z.literal('http') }) }),
  resources: z.strictObject({
    requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
    limits: z.strictObject({ cpu: z.string(), memory: z.string() }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
})
const deployment = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        automountServiceAccountToken: z.literal(false),
        enableServiceLinks: z.literal(false),
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true), runAsUser: z.literal(1000) }),
        containers: z.tuple([container]),
      }),
    }),
  }),
})

const containerOf = (name: ProcessName) => {
  const found = documentsOf(`${name}.yaml`).find(({ kind }) => kind === 'Deployment')
  return deployment.parse(found).spec.template.spec.containers[0]
}

/** What every process is given besides its own: the lines of the file that is made a ConfigMap. */
const shared = Object.fromEntries(
  kustomization.configMapGenerator
    .flatMap(({ envs }) => envs.flatMap((file) => read(`base/${file}`).trim().split('\n')))
    .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
)

/** The variables README says a process can't start without. */
function secretsOf(name: ProcessName): readonly string[] {
  const row = new RegExp(`^\\| \`${name}\` +\\| (.+) \\|$`, 'm').exec(read('README.md'))?.[1] ?? ''
  return [...row.matchAll(/`([A-Z_]+)`/g)].map(([, variable = '']) => variable)
}

const key = Buffer.alloc(32, 1).toString('base64')
const secretValues: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://biometrics:secret@postgres:5432/biometrics',
  NATS_URL: 'nats://biometrics:secret@nats:4222',
  REDIS_URL: 'redis://:secret@redis:6379',
  AUTH_MASTER_KEYS: `k1:${key}`,
  USER_MASTER_KEYS: `k1:${key}`,
  BIOMETRIC_MASTER_KEYS: `k1:${key}`,
  BIOMETRIC_MASTER_KEY_ID: 'k1',
  GATEWAY_CURSOR_KEYS: key,
}
type Environment = Readonly<Record<string, string>>
const withEngines =
  (name: ProcessName, readOwn: (environment: Environment) => unknown) => (environment: Environment) => [
    readEnginesConfig(name, environment),
    readOwn(environment),
  ]
const readers: Readonly<Record<ProcessName, (environment: Environment) => unknown>> = {
  auth: withEngines('auth', readAuthConfig),
  user: withEngines('user', readUserConfig),
  content: withEngines('content', readContentConfig),
  ai: withEngines('ai', readAiConfig),
  biometric: withEngines('biometric', readBiometricConfig),
  gateway: (environment) => readGatewayConfig(environment, []),
}
const environmentOf = (name: ProcessName, secrets: readonly string[]): Environment => ({
  ...shared,
  ...Object.fromEntries(containerOf(name).env.map(({ name: variable, value }) => [variable, value])),
  ...Object.fromEntries(secrets.map((variable) => [variable, secretValues[variable] ?? 'missing in this test'])),
})

describe('the manifests for Kubernetes', () => {
  it('are all in the base, and each is what its schema says', () => {
    const files = readdirSync(path.join(folder, 'base')).filter((file) => file.endsWith('.yaml'))
    expect([...kustomization.resources, 'kustomization.yaml'].sort()).toEqual(files.sort())
    const faults = documents.flatMap(({ apiVersion, kind, metadata, ...rest }) => {
      const model = models[`${apiVersion} ${kind}`]
      if (model === undefined) return [`no schema for ${apiVersion} ${kind}`]
      try {
        model({ metadata, ...rest }).validate()
        return []
      } catch (error) {
        return [`${kind} ${metadata.name}: ${String(error)}`]
      }
    })
    expect(documents.length).toBeGreaterThan(30)
    expect(faults).toEqual([])
  })

  it.each(processNames)('run %s without rights, watched, scaled, and named as others call it', (name) => {
    const { args, env, envFrom, ports } = containerOf(name)
    expect(args).toEqual([name === 'gateway' ? 'dist/gateway/main.js' : `dist/subgraphs/${name}/main.js`])
    expect(envFrom[1].secretRef.name).toBe(`biometrics-${name}`)
    expect(env).toContainEqual({ name: `${name.toUpperCase()}_PORT`, value: String(ports[0].containerPort) })
    const kinds = documentsOf(`${name}.yaml`).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
    expect(kinds).toEqual(
      ['Deployment', 'Service', 'PodDisruptionBudget', 'HorizontalPodAutoscaler'].map((kind) => `${kind} ${name}`),
    )
    if (name === 'gateway') return
    expect(shared['GATEWAY_SUBGRAPH_URLS']).toContain(`${name}=http://${name}:${ports[0].containerPort}/graphql`)
  })

  it.each(processNames)(
    'give %s all it needs to start, nothing it does not know, and README names its secrets',
    (name) => {
      const secrets = secretsOf(name)
      expect(() => readers[name](environmentOf(name, secrets))).not.toThrow()
      // a gateway looks for its own when it knows whether its graph has event streams
      for (const secret of name === 'gateway' ? [] : secrets) {
        const others = secrets.filter((variable) => variable !== secret)
        expect(() => readers[name](environmentOf(name, others))).toThrow()
      }
      const own = containerOf(name).env.map(({ name: variable }) => variable)
      expect([...own, ...secrets].filter((variable) => processVariables[name][variable] === undefined)).toEqual([])
      const known = Object.assign({}, ...Object.values(processVariables))
      expect(Object.keys(shared).filter((variable) => known[variable] === undefined)).toEqual([])
    },
  )

  it('let nobody speak to anybody but as a policy says', () => {
    const policies = documentsOf('network-policies.yaml')
    const closed = policies.find(({ metadata }) => metadata.name === 'nothing-else')
    expect(closed).toMatchObject({
      spec: {
        podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'biometrics' } },
        policyTypes: ['Ingress', 'Egress'],
      },
    })
    for (const name of processNames.filter((process) => process !== 'gateway')) {
      const port = containerOf(name).ports[0].containerPort
      const into = policies.find(({ metadata }) => metadata.name === name)
      expect(into).toMatchObject({ spec: { ingress: [{ ports: [{ port }] }] } })
    }
  })
})
