import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type FluxStandIn, startFluxStandIn, writeFluxManifests } from '../harness/flux-stand-in.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('a bootstrap with real Flux that is killed with SIGKILL', () => {
  let fixture: LocalFixture
  let flux: FluxStandIn
  beforeEach(async () => {
    fixture = await startFixture()
    flux = await startFluxStandIn(fixture, 'gitops')
  })
  afterEach(async () => {
    await flux.close()
    await fixture.close()
  })

  it.each([
    'after:files.push',
    'after:engine.apply.CustomResourceDefinition',
    'after:engine.apply.ServiceAccount',
    'after:engine.apply.Deployment',
    'before:engine.apply.Kustomization',
    'after:engine.apply.Kustomization',
  ])('%s is finished by the next run', async fault => {
    const manifests = await writeFluxManifests(fixture.dataDir)
    const bootstrap = (env: Record<string, string> = {}) =>
      runSluice(
        [
          ...['bootstrap', 'github', '--owner', 'acme', '--repository', 'fleet', '--path', 'clusters/prod', '--yes'],
          ...['--namespace', 'gitops', '--interval', '2s', '--engine', 'flux', '--flux-manifests', manifests],
          ...fixture.args,
        ],
        { env },
      )
    expect((await bootstrap({ SLUICE_FAULT: fault })).signal).toBe('SIGKILL')
    const done = await bootstrap()
    expect(done.code, done.stderr).toBe(0)
    expect(flux.acting).toBe(true)
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(1)
    const binding = await fixture.system.client.get({
      ...{ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
      ...{ namespace: '', name: 'cluster-reconciler-gitops' },
    })
    expect(JSON.stringify(binding['subjects'])).toContain('"namespace":"gitops"')
  })
})
