import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { valueAt } from '../../src/base/json.ts'
import { conditionOf } from '../../src/kube/condition.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { WatchCache } from '../../src/kube/watch/index.ts'
import { leaderLabel } from '../../src/layout/index.ts'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { type PodEngine, startPodEngine } from '../harness/pod-engine.ts'
import { runSluice } from '../harness/run-sluice.ts'

// The sandbox's Pods run nothing, so each engine is a process with what the kubelet would give its Pod: arguments,
// environment and a token of the service account. All rights are those of the manifests, by the API server's own RBAC.
let fixture: LocalFixture
let repository: FleetRepository
let cache: WatchCache
const running: PodEngine[] = []

beforeAll(async () => {
  fixture = await startFixture({ engine: false })
  repository = fleetRepositoryOf(fixture)
  cache = new WatchCache(fixture.system.client, { clock: systemClock })
})
afterEach(async () => {
  for (const engine of running.splice(0)) {
    // It gives its lease back, so that the next test need not wait for its end.
    engine.kill('SIGTERM')
    await engine.ended
  }
})
afterAll(async () => {
  cache.stop()
  await fixture.close()
})

const run = (...args: string[]) => runSluice([...args, ...fixture.args])
const namespace = 'flux-system'
const image = 'registry.example.com/sluice:0.1.0'
const leaseRef = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  namespace: 'kube-system',
  name: 'sluice-engine',
}
const syncRef = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  namespace,
  name: namespace,
}
const account = 'system:serviceaccount:flux-system:sluice-engine'

const pods = async () => {
  const labelSelector = 'app.kubernetes.io/name=sluice-engine'
  const { items } = await fixture.system.client.list(
    { group: '', version: 'v1', kind: 'Pod' },
    { namespace, labelSelector },
  )
  return items.toSorted((a, b) => (a.metadata.name! < b.metadata.name! ? -1 : 1))
}
const leaders = async () =>
  (await pods()).filter(pod => pod.metadata.labels?.[leaderLabel] === 'true').map(pod => pod.metadata.name)
const start = async (pod: KubeObject, ...more: string[]) => {
  const engine = await startPodEngine(fixture, pod, more)
  running.push(engine)
  return engine
}
/** Pushes, and has the source looked at without waiting for its interval. */
const push = async (files: Record<string, string | undefined>) => {
  const commit = await repository.push(files)
  const ref = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository', namespace, name: namespace }
  const annotations = { 'reconcile.fluxcd.io/requestedAt': commit }
  await fixture.system.client.patch(ref, 'merge', { metadata: { annotations } })
  return commit
}
const patient = AbortSignal.timeout(240_000)
const until = (ref: Parameters<WatchCache['waitFor']>[0], is: (object: KubeObject | undefined) => boolean) =>
  cache.waitFor(ref, is, patient)
/** Starts the engine of a Pod and waits until it acts and its label says so. */
const startLeader = async (pod: KubeObject, ...more: string[]) => {
  const engine = await start(pod, ...more)
  await acts(engine, pod)
  return engine
}
const acts = async (engine: PodEngine, { metadata: { name = '' } }: KubeObject) => {
  await engine.waitFor('this engine acts now')
  await until(
    { group: '', version: 'v1', kind: 'Pod', namespace, name },
    pod => pod?.metadata.labels?.[leaderLabel] === 'true',
  )
}
const untilApplied = (commit: string) =>
  until(
    syncRef,
    object =>
      valueAt(object, ['status', 'lastAppliedRevision']) === `main@sha1:${commit}` &&
      conditionOf(object, 'Ready')?.status === 'True',
  )
const configMap = (name: string, where = 'default') =>
  `apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: FluxConfig\nmetadata:\n  name: ${name}\n  namespace: ${where}\nspec:\n  branch: main\n  systemNamespace: flux-system\n  github:\n    owner: a\n    repository: b\n`

describe('the engine in the cluster', () => {
  it('is committed beside the fleet and applied, and says what is missing', async () => {
    const specs = ['bootstrap', '-f', exampleSpecs]
    const without = await run(...specs, '--engine-place', 'cluster', '--yes')
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('--engine-image')])
    const plan = await run(...specs, '--engine-place', 'cluster', '--engine-image', image, '--dry-run')
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain(`"image":"${image}"`)
    const done = await run(...specs, '--engine-place', 'cluster', '--engine-image', image, '--yes')
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).not.toContain('No engine runs on this cluster by itself')
    expect(await pods()).toHaveLength(2)
  })

  it('keeps its place and its settings in the next bootstrap, which has nothing to do', async () => {
    const again = await run('bootstrap', '-f', exampleSpecs, '--dry-run')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout).toContain('every file is there')
  })

  it('brings a commit into the cluster with the rights of its manifests, and says by a label who acts', async () => {
    const [first, second] = await pods()
    await startLeader(first!)
    await start(second!)
    const commit = await push({ 'clusters/mgmt/extra/flux.yaml': configMap('extra') })
    await untilApplied(commit)
    expect(await leaders()).toEqual([first!.metadata.name])
    // Every object of the folder is the engine's own business: itself, its kinds and the clusters.
    const refused = running
      .map(engine => engine.said())
      .join('')
      .match(/[^\n]*forbidden[^\n]*/gi)
    expect(refused).toBeNull()
    for (const line of running[0]!.said().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })

  it('is refused what is not its business, by the API server and by name', async () => {
    const [pod] = await pods()
    await startLeader(pod!)
    const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: mine\nrules: []\n'
    await push({ 'clusters/mgmt/extra/role.yaml': role })
    const failed = await until(syncRef, object => conditionOf(object, 'Ready')?.message?.includes('forbidden') === true)
    expect(conditionOf(failed, 'Ready')?.message).toContain(account)
    const commit = await push({ 'clusters/mgmt/extra/role.yaml': undefined })
    await untilApplied(commit)
  })

  it('gives itself no more than it has, when somebody pushes that', async () => {
    const [pod] = await pods()
    await startLeader(pod!)
    const path = 'clusters/mgmt/flux-system/gotk-components.yaml'
    const standing = await repository.read(path)
    const more = standing.replace(
      'verbs:\n  - impersonate\n',
      "verbs:\n  - impersonate\n- apiGroups:\n  - ''\n  resources:\n  - secrets\n  verbs:\n  - delete\n",
    )
    expect(more).not.toBe(standing)
    await push({ [path]: more })
    const failed = await until(
      syncRef,
      object => conditionOf(object, 'Ready')?.message?.includes('not currently held') === true,
    )
    expect(conditionOf(failed, 'Ready')?.message).toContain('ClusterRole/sluice-engine-impersonator-flux-system')
    await untilApplied(await push({ [path]: standing }))
  })

  it.each<[NodeJS.Signals, string]>([
    // So long that only a lease that was given back can be taken.
    ['SIGTERM', '10m'],
    ['SIGKILL', '3s'],
  ])('another takes over after %s of the one that acts', async (signal, leaseDuration) => {
    const [first, second] = await pods()
    const lease = ['--leader-election-lease-duration', leaseDuration, '--leader-election-retry-period', '500ms']
    const acting = await startLeader(first!, ...lease)
    const other = await start(second!, ...lease)
    await other.waitFor('engine ready')
    expect(other.said()).not.toContain('this engine acts now')
    acting.kill(signal)
    expect(await acting.ended).toBe(signal === 'SIGTERM' ? 0 : null)
    await acts(other, second!)
    expect(await leaders()).toEqual([second!.metadata.name])
    const commit = await push({
      'clusters/mgmt/extra/flux.yaml': configMap(`after-${signal.toLowerCase()}`),
    })
    await untilApplied(commit)
    const held = await fixture.system.client.get(leaseRef)
    expect(other.said()).toContain(String(valueAt(held, ['spec', 'holderIdentity'])))
  })

  it('acts as the accounts of a team only where it was given the right', async () => {
    const client = fixture.system.client
    for (const name of ['team-a', 'team-b'])
      await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'test' })
    const given = await run('bootstrap', '-f', exampleSpecs, '--tenant-namespace', 'team-a', '--yes')
    expect(given.code, given.stderr).toBe(0)
    const [pod] = await pods()
    await startLeader(pod!)
    for (const namespace of ['team-a', 'team-b']) {
      const source = { kind: 'GitRepository', name: 'app' }
      const { url } = JSON.parse(JSON.stringify(await sourceSpec())) as { url: string }
      for (const object of [
        {
          apiVersion: 'source.toolkit.fluxcd.io/v1',
          kind: 'GitRepository',
          metadata: { name: 'app', namespace },
          spec: { interval: '1m', url, ref: { branch: 'main' }, secretRef: { name: 'git' } },
        },
        {
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          kind: 'Kustomization',
          metadata: { name: 'app', namespace },
          spec: { interval: '1m', path: './clusters/mgmt/extra', prune: true, sourceRef: source },
        },
        { ...(await gitSecret()), metadata: { name: 'git', namespace } },
      ] as KubeObject[])
        await client.apply(object, { fieldManager: 'test' })
    }
    const message = (where: string, words: string) =>
      until(
        { ...syncRef, namespace: where, name: 'app' },
        object => conditionOf(object, 'Ready')?.message?.includes(words) === true,
      )
    // team-a: as its account, which may do nothing yet; team-b: not even that.
    await message('team-a', '"system:serviceaccount:team-a:default" cannot')
    await message('team-b', 'cannot impersonate')
  })
})

const sourceSpec = async () => {
  const source = await fixture.system.client.get({
    group: 'source.toolkit.fluxcd.io',
    version: 'v1',
    kind: 'GitRepository',
    namespace,
    name: namespace,
  })
  return source['spec']
}
const gitSecret = async () => {
  const { data } = (await fixture.system.client.get({
    group: '',
    version: 'v1',
    kind: 'Secret',
    namespace,
    name: namespace,
  })) as KubeObject & { data: object }
  return { apiVersion: 'v1', kind: 'Secret', data }
}
