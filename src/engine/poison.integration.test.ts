import { afterAll, beforeAll, expect, test } from 'vitest'
import { conditionOf } from '../kube/condition.ts'
import type { KubeObject } from '../kube/object.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import { fluxKinds } from '../specs/index.ts'
import { helmForTests } from './helmrelease/testing/helm-path.ts'
import { BucketStandIn } from './testing/bucket.ts'
import { ChartRepositoryStandIn, packChart } from './testing/chart-repository.ts'
import { startHookServer } from './testing/hook-server.ts'
import { RegistryStandIn } from './testing/registry.ts'
import { archiveOf } from './testing/sources.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// Objects that no schema has looked at, as an old or edited CRD lets them in: whatever is in one, the others go on.
interface Schema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}
type Crd = KubeObject & {
  spec: {
    names: { kind: string }
    group: string
    versions: { name: string; served: boolean; storage: boolean; schema: { openAPIV3Schema: Schema } }[]
  }
}

const helm = await helmForTests()
const helmBefore = process.env['SLUICE_HELM']
let world: World
let charts: ChartRepositoryStandIn
let registry: RegistryStandIn
let storage: BucketStandIn
let hook: Awaited<ReturnType<typeof startHookServer>>

const crds = fluxKinds.map(kind => kind.crd() as unknown as Crd)
const versionOf = (crd: Crd) => crd.spec.versions.find(version => version.storage)!
const kinds = crds.map(crd => ({
  kind: crd.spec.names.kind,
  apiVersion: `${crd.spec.group}/${versionOf(crd).name}`,
  spec: versionOf(crd).schema.openAPIV3Schema.properties!['spec']!,
}))
const apiVersionOf = Object.fromEntries(kinds.map(({ kind, apiVersion }) => [kind, apiVersion]))

beforeAll(async () => {
  if (helm !== undefined) process.env['SLUICE_HELM'] = helm
  world = await World.open({ startCluster, startForge }, { 'good/a.yaml': configMap('good') })
  charts = await ChartRepositoryStandIn.start()
  registry = await RegistryStandIn.start()
  storage = await BucketStandIn.start()
  hook = await startHookServer()
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
  for (const crd of crds) {
    const versions = crd.spec.versions.map(version => ({ ...version, schema: { openAPIV3Schema: anything } }))
    await world.apply({ ...crd, spec: { ...crd.spec, versions } })
  }
}, 60_000)
afterAll(async () => {
  await world?.close()
  for (const one of [charts, registry, storage, hook]) await one?.close()
  if (helmBefore === undefined) delete process.env['SLUICE_HELM']
  else process.env['SLUICE_HELM'] = helmBefore
})

/** A value that has not the type of the field. */
function mistyped(schema: Schema, at: number): unknown {
  const values =
    schema.type === 'string' ? [7, ['x'], { a: 'b' }, null] : ['x', 7, ['x'], null, [null], { a: { b: 7 } }]
  return values[at % values.length]
}

const hostileTexts = [
  '((((',
  '\u0000',
  `../${'a/'.repeat(5000)}`,
  '{{ .x',
  '[a-',
  '>>>',
  '99999999999h',
  'a b/C_d.',
  '-1s',
]

/** A value of the right type that means nothing good: all texts in it are no names, patterns, expressions or times. */
function hostile(schema: Schema | undefined, at: number): unknown {
  const text = hostileTexts[at % hostileTexts.length]
  if (schema?.type === 'array') return [hostile(schema.items, at), hostile(schema.items, at + 1)]
  if (schema?.type === 'boolean') return at % 2 === 0
  if (schema?.type === 'integer' || schema?.type === 'number') return at % 2 === 0 ? -1 : 2 ** 53
  if (schema?.properties === undefined) return schema?.type === 'object' ? { 'no name (': text } : text
  return Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, hostile(one, at)]))
}

/** Specs of a kind: nothing, everything hostile, and what is good but for one field. */
function poisonsOf(kind: { kind: string; spec: Schema }): unknown[] {
  const fields = Object.entries(kind.spec.properties ?? {})
  const good = goodSpecs()[kind.kind]!
  const one = fields.flatMap(([name, schema], at) => [
    { ...good, [name]: mistyped(schema, at) },
    { ...good, [name]: hostile(schema, at) },
  ])
  return [undefined, 'x', 7, [], {}, hostile(kind.spec, 0), hostile(kind.spec, 1), ...one]
}

function goodSpecs(): Record<string, Record<string, unknown>> {
  const interval = '10m'
  return {
    GitRepository: { interval, url: world.url, ref: { branch: 'main' } },
    OCIRepository: { interval, url: `oci://${registry.host}/org/good`, ref: { tag: 'v1' }, insecure: true },
    Bucket: { interval, bucketName: 'good', endpoint: storage.server.host, insecure: true },
    HelmRepository: { interval, url: charts.server.url },
    HelmChart: { interval, chart: 'good', version: '1.x', sourceRef: { kind: 'HelmRepository', name: 'good' } },
    ExternalArtifact: { sourceRef: { kind: 'Generator', name: 'good' } },
    Kustomization: { interval, path: './good', prune: true, sourceRef: { kind: 'GitRepository', name: 'good' } },
    HelmRelease: { interval, chartRef: { kind: 'HelmChart', name: 'good' } },
    Provider: { type: 'generic', address: `${hook.url}/good` },
    Alert: { providerRef: { name: 'good' }, eventSources: [{ kind: 'Kustomization', name: 'good' }] },
    Receiver: {
      type: 'generic',
      secretRef: { name: 'token' },
      resources: [{ kind: 'GitRepository', name: 'good' }],
    },
  }
}

const refOf = (kind: string, name: string) => {
  const [group = '', version = ''] = apiVersionOf[kind]!.split('/')
  return { group, version, kind, namespace: 'apps', name }
}

async function put(kind: string, name: string, spec: unknown): Promise<void> {
  const object = { apiVersion: apiVersionOf[kind]!, kind, metadata: { name, namespace: 'apps' } }
  await world.client.create((spec === undefined ? object : { ...object, spec }) as KubeObject)
}

/** Puts the bad ones in; what the API server itself refuses does not get to the engine. */
async function poison(share: (at: number) => boolean): Promise<number> {
  let taken = 0
  for (const kind of kinds) {
    const specs = poisonsOf(kind).map((spec, at) => ({ spec, at }))
    await Promise.all(
      specs
        .filter(({ at }) => share(at))
        .map(({ spec, at }) =>
          put(kind.kind, `bad-${at}`, spec).then(
            () => taken++,
            () => undefined,
          ),
        ),
    )
    // And one whose status is somebody else's idea.
    if (kind.kind === 'Alert' || kind.kind === 'Provider') continue
    for (const status of ['x', { conditions: 'x', artifact: 7, inventory: { entries: [7, { id: 3 }] }, history: {} }]) {
      await world.client
        .patch(
          refOf(kind.kind, `bad-${specs.find(({ at }) => share(at))!.at}`),
          'merge',
          { status },
          { subresource: 'status' },
        )
        .catch(() => undefined)
    }
  }
  return taken
}

async function untilReady(kind: string, generation = 1): Promise<void> {
  for (;;) {
    const object = await world.client.find(refOf(kind, 'good'))
    const status = object?.['status'] as { observedGeneration?: number } | undefined
    const seen = (status?.observedGeneration ?? 0) >= generation
    if (object && seen && conditionOf(object, 'Ready')?.status === 'True') return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

test('of each kind, any field wrong in any way: a good one beside them is Ready, before and after a restart', {
  timeout: 240_000,
}, async () => {
  charts.add('good', '1.0.0', await packChart('good', '1.0.0'))
  storage.fill('good', { 'a.yaml': configMap('bucketed') })
  registry.push('org/good', 'v1', await archiveOf({ 'a.yaml': configMap('oci') }))
  await world.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'token', namespace: 'apps' },
    stringData: { token: 'secret' },
  })
  // One half is there when the engine starts, the other comes while it runs.
  const taken = await poison(at => at % 2 === 0)
  await world.start({ featureGates: { ExternalArtifact: true } })
  const more = await poison(at => at % 2 === 1)
  expect(taken + more).toBeGreaterThan(200)
  for (const [kind, spec] of Object.entries(goodSpecs())) await put(kind, 'good', spec)
  const ready = kinds
    .map(({ kind }) => kind)
    .filter(
      kind => !['Alert', 'Provider', 'ExternalArtifact', ...(helm === undefined ? ['HelmRelease'] : [])].includes(kind),
    )
  await Promise.all(ready.map(kind => untilReady(kind)))
  await world.stop()
  await world.start({ featureGates: { ExternalArtifact: true } })
  const commit = await world.commit({ 'good/a.yaml': configMap('good', { round: '2' }) })
  await world.until('Kustomization', 'good', object => {
    const status = object?.['status'] as { lastAppliedRevision?: string } | undefined
    return status?.lastAppliedRevision === `main@sha1:${commit}`
  })
  await hook.until(() => hook.calls.some(({ body }) => body.includes(commit)))
  // One that was good: what it applied stays, and it goes on when it is good again.
  const set = (path: unknown) => world.client.patch(refOf('Kustomization', 'good'), 'merge', { spec: { path } })
  await set(7)
  const bad = await world.failed('good', 'InvalidSpec')
  expect(messageOf(bad)).toMatch(/^spec\.path: Invalid value: .*must be of type string/)
  expect(await world.find('ConfigMap', 'good')).toBeDefined()
  await set('./good')
  await world.ready('good')
})
