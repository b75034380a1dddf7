import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refKey } from '../../src/kube/identity.ts'
import { type OverlapWatch, watchOverlap } from '../harness/engine-overlap.ts'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type FluxStandIn, startFluxStandIn, writeFluxManifests } from '../harness/flux-stand-in.ts'
import { liveUids, lostSince } from '../harness/live-uids.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const components = 'clusters/mgmt/flux-system/gotk-components.yaml'

describe('sluice engine switch', () => {
  let fixture: LocalFixture
  let flux: FluxStandIn
  let repository: FleetRepository
  let overlap: OverlapWatch
  let manifests = ''
  let start: Map<string, string>
  beforeAll(async () => {
    fixture = await startFixture()
    flux = await startFluxStandIn(fixture)
    overlap = await watchOverlap(fixture.system.client, flux.runs)
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
    overlap.stop()
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
    expect(flux.runs).toHaveLength(1)
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
    expect(overlap.found()).toEqual([])
  })

  it('killed while nothing acts, says so wherever somebody looks, and where it goes on', async () => {
    const look = async (...args: string[]) => {
      const { stdout, stderr } = await runSluice([...args, ...fixture.args])
      return `${stdout}${stderr}`.replace(/\s+/g, ' ')
    }
    expect(await look('get', 'all')).not.toContain('engine')
    const killed = await runSluice(
      ['engine', 'switch', '--to', 'flux', '--flux-manifests', manifests, '--yes', ...fixture.args],
      { env: { SLUICE_FAULT: 'before:switch.wake' } },
    )
    expect(killed.signal).toBe('SIGKILL')
    const unended = 'the change of the engine to Flux has not ended: Kustomization/flux-system/flux-system is held'
    const nobody = 'no engine acts on this cluster, so what is shown as ready may be old'
    const next = 'sluice engine switch --to flux; or turn back: sluice engine switch --to sluice'
    const check = ['check', '-f', exampleSpecs]
    for (const args of [['get', 'all'], ['get', 'kustomizations'], ['why', 'gitrepository', 'flux-system'], check]) {
      const said = await look(...args)
      for (const words of [unended, nobody, next]) expect(said, args.join(' ')).toContain(words)
      expect(said).not.toMatch(/✔ GitRepository/)
    }
    const root = await look('why', 'kustomization', 'flux-system')
    expect(root).toContain('is held while the engine of its fleet is changed')
    expect(root).not.toContain('sluice resume')
    const done = await toFlux('--yes')
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toContain('goes on where an earlier run ended, in "start Flux"')
    for (const args of [['get', 'all'], check]) expect(await look(...args)).not.toContain('has not ended')
    expect(overlap.found()).toEqual([])
  })

  it('leaves a fleet that the check of its specs finds in order, whichever engine it has', async () => {
    const withFlux = await runSluice(['check', '-f', exampleSpecs, ...fixture.args])
    expect(withFlux.code, withFlux.stdout).toBe(0)
    expect(withFlux.stdout).toContain('clusters/mgmt holds this fleet')
    expect((await toSluice('--yes')).code).toBe(0)
    const withSluice = await runSluice(['check', '-f', exampleSpecs, ...fixture.args])
    expect(withSluice.code, withSluice.stdout).toBe(0)
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
