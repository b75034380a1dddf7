import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refKey } from '../../src/kube/identity.ts'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type FluxStandIn, startFluxStandIn, writeFluxManifests } from '../harness/flux-stand-in.ts'
import { watchLeases } from '../harness/lease-watch.ts'
import { liveUids, lostSince } from '../harness/live-uids.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const components = 'clusters/mgmt/flux-system/gotk-components.yaml'

describe('sluice engine switch', () => {
  let fixture: LocalFixture
  let flux: FluxStandIn
  let repository: FleetRepository
  let leases: Awaited<ReturnType<typeof watchLeases>>
  let manifests = ''
  let start: Map<string, string>
  beforeAll(async () => {
    fixture = await startFixture()
    flux = await startFluxStandIn(fixture)
    leases = await watchLeases(fixture.system.client)
    repository = fleetRepositoryOf(fixture)
    manifests = await writeFluxManifests(fixture.dataDir)
    const done = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(done.code, done.stderr).toBe(0)
    await repository.push({ 'clusters/mgmt/apps/web.yaml': workload })
    const applied = await runSluice(['reconcile', 'kustomization', '--with-source', ...fixture.args])
    expect(applied.code, applied.stderr).toBe(0)
    start = await liveUids(fixture.system.client)
  })
  afterAll(async () => {
    leases.stop()
    await flux.close()
    await fixture.close()
  })

  const toFlux = (...args: string[]) =>
    runSluice(['engine', 'switch', '--to', 'flux', '--flux-manifests', manifests, ...args, ...fixture.args])
  const toSluice = (...args: string[]) => runSluice(['engine', 'switch', '--to', 'sluice', ...args, ...fixture.args])
  const now = () => liveUids(fixture.system.client)

  it('shows the plan and changes nothing', async () => {
    const plan = await toFlux('--dry-run')
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain(`~ ${components}`)
    expect(plan.stdout).toContain('+ Deployment/flux-system/kustomize-controller')
    expect(plan.stdout).toContain('+# Flux Version: v2.9.4')
    expect([...(await now())]).toEqual([...start])
    const json = JSON.parse((await toFlux('--dry-run', '-o', 'json')).stdout) as { steps: { id: string }[] }
    expect(json.steps.map(step => step.id)).toEqual([
      'check',
      'hold',
      'files',
      'stop',
      'start',
      'sweep',
      'resume',
      'ready',
    ])
  })

  it('to flux keeps every object, and Flux applies the next commit', async () => {
    const done = await toFlux('--yes')
    expect(done.code, done.stderr).toBe(0)
    expect(await repository.read(components)).toContain('# Flux Version: v2.9.4')
    expect(lostSince(start, await now())).toEqual([])
    expect(flux.acting).toBe(true)
    await commitIsApplied('flux')
  })

  it('to flux again finds nothing to do', async () => {
    const before = (await repository.log()).length
    const again = await toFlux('--yes')
    expect(again.code, again.stderr).toBe(0)
    expect((await repository.log()).length).toBe(before)
    expect(flux.starts).toBe(1)
  })

  it('to sluice keeps every object but those of Flux, and Sluice applies the next commit', async () => {
    const before = await now()
    const plan = await toSluice('--dry-run')
    expect(plan.stdout).toContain('- Deployment/flux-system/kustomize-controller')
    const done = await toSluice('--yes')
    expect(done.code, done.stderr).toBe(0)
    const after = await now()
    expect(lostSince(start, after)).toEqual([])
    // Exactly what Flux's manifests had and ours have not.
    expect(
      lostSince(before, after).every(key =>
        /^(apps|networking|rbac|)[^/]*\/(Deployment|Service|ServiceAccount|NetworkPolicy|ResourceQuota|ClusterRole|ClusterRoleBinding)\//.test(
          key,
        ),
      ),
    ).toBe(true)
    expect(controllers(after)).toEqual([])
    expect(flux.acting).toBe(false)
    await commitIsApplied('sluice')
    expect((await toSluice('--yes')).code).toBe(0)
  })

  it('to sluice in the cluster and back keeps every object, too', async () => {
    expect((await toFlux('--yes')).code).toBe(0)
    const image = `registry.example.com/sluice@sha256:${'a'.repeat(64)}`
    const place = ['--engine-place', 'cluster', '--engine-image', image]
    const done = await toSluice('--yes', ...place)
    expect(done.code, done.stderr).toBe(0)
    const inCluster = await now()
    expect(lostSince(start, inCluster)).toEqual([])
    expect(controllers(inCluster)).toEqual(['apps/Deployment/flux-system/sluice-engine'])
    await commitIsApplied('in-cluster')
    const back = await toFlux('--yes')
    expect(back.code, back.stderr).toBe(0)
    const flux = await now()
    expect(lostSince(start, flux)).toEqual([])
    expect(controllers(flux)).not.toContain('apps/Deployment/flux-system/sluice-engine')
    expect([...flux.keys()].filter(key => key.includes('sluice-engine'))).toEqual([])
    expect((await toSluice('--yes')).code).toBe(0)
    expect([...(await now()).keys()].sort()).toEqual([...start.keys()].sort())
  })

  it('never let two engines act', () => {
    expect(leases.both).toEqual([])
  })

  it('is refused when kinds would be lost, and nothing is changed', async () => {
    const small = await writeFluxManifests(fixture.dataDir, {
      components: ['source-controller', 'kustomize-controller'],
    })
    const before = await now()
    const commits = (await repository.log()).length
    const refused = await runSluice([
      'engine',
      'switch',
      '--to',
      'flux',
      '--flux-manifests',
      small,
      '--yes',
      ...fixture.args,
    ])
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('helmreleases.helm.toolkit.fluxcd.io')
    expect([...(await now())]).toEqual([...before])
    expect((await repository.log()).length).toBe(commits)
    await writeFluxManifests(fixture.dataDir)
  })

  it('is refused when somebody suspended the root Kustomization, and when Flux is not wanted but its options are', async () => {
    await runSluice(['suspend', 'kustomization', ...fixture.args])
    const refused = await toFlux('--yes')
    expect(refused.stderr).toContain('sluice resume kustomization')
    await runSluice(['resume', 'kustomization', ...fixture.args])
    expect((await toSluice('--registry', 'a.b')).stderr).toContain('--to flux')
    expect((await runSluice(['engine', 'switch', ...fixture.args])).code).toBe(2)
  })

  async function commitIsApplied(value: string): Promise<void> {
    await repository.push({ 'clusters/mgmt/apps/web.yaml': workload.replace('by: nobody', `by: ${value}`) })
    const done = await runSluice(['reconcile', 'kustomization', '--with-source', ...fixture.args])
    expect(done.code, done.stderr).toBe(0)
    const ref = { group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' }
    expect((await fixture.system.client.get(ref))['data']).toEqual({ by: value })
    expect(start.has(refKey(ref))).toBe(true)
  }
})

function controllers(uids: ReadonlyMap<string, string>): string[] {
  return [...uids.keys()].filter(key => key.startsWith('apps/Deployment/flux-system/'))
}

const workload = `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  namespace: default
data:
  by: nobody
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: nginx
`
