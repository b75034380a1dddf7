import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ObjectRef } from '../../src/kube/identity.ts'
import { eksaFiles, installAsFlux, rootKustomization, rootSource } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { applied, uids } from '../harness/inventory.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('sluice gitops remove', () => {
  let fixture: LocalFixture
  let before: Record<string, string>
  beforeEach(async () => {
    fixture = await startFixture()
    await installAsFlux(fixture, await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`))
    await applied(fixture, (await fleetRepositoryOf(fixture).log())[0]!.sha)
    before = await uids(fixture)
  })
  afterEach(() => fixture.close())

  const remove = (args: readonly string[], env: Record<string, string> = {}) =>
    runSluice(['gitops', 'remove', '--yes', ...args, ...fixture.args], { env })
  const cluster = (name: string): ObjectRef => ({
    group: 'anywhere.eks.amazonaws.com',
    version: 'v1alpha1',
    kind: 'Cluster',
    namespace: 'default',
    name,
  })
  const find = (ref: ObjectRef) => fixture.system.client.find(ref)
  const secret = { group: '', version: 'v1', kind: 'Secret', namespace: 'flux-system', name: 'flux-system' }

  async function nothingFollows() {
    for (const ref of [rootKustomization, rootSource, secret]) expect(await find(ref)).toBeUndefined()
    for (const name of ['mgmt', 'prod', 'staging']) {
      const live = await find(cluster(name))
      expect(Object.values(before)).toContain(live?.metadata.uid)
    }
  }

  it('shows what goes, and then leaves everything that was applied as it is', async () => {
    const plan = await runSluice(['gitops', 'remove', '--dry-run', ...fixture.args])
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain('spec.prune: false')
    expect(plan.stdout).toMatch(/- Kustomization\S*.*flux-system/)
    expect(plan.stdout).toContain('keeps its gitOpsRef')
    expect(await find(rootSource)).toBeDefined()

    const run = await remove([])
    expect(run.code, run.stderr).toBe(0)
    await nothingFollows()
    // EKS Anywhere lets only a management cluster lose it.
    expect((await find(cluster('mgmt')))?.['spec']).not.toHaveProperty('gitOpsRef')
    expect((await find(cluster('prod')))?.['spec']).toHaveProperty('gitOpsRef')
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(1)
    const again = await remove([])
    expect(again.stderr).toContain('E_FLEET_NO_SYNC')
  })

  it('killed at every effect, goes on, and nothing is lost', async () => {
    for (const name of [
      'remove.orphan',
      'remove.ref',
      'remove.kustomization',
      'remove.GitRepository',
      'remove.Secret',
    ]) {
      for (const when of name === 'remove.Secret' ? ['before'] : ['before', 'after']) {
        const run = await remove([], { SLUICE_FAULT: `${when}:${name}` })
        expect(run.signal, `${when}:${name}\n${run.stderr}`).toBe('SIGKILL')
        for (const one of ['mgmt', 'prod', 'staging'])
          expect(Object.values(before), one).toContain((await find(cluster(one)))?.metadata.uid)
      }
    }
    const last = await remove([])
    expect(last.code, last.stderr).toBe(0)
    await nothingFollows()
  })

  it('removes the repository only when its very name is given', async () => {
    const wrong = await remove(['--delete-repository', 'acme/other'])
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('acme/fleet')])
    expect(await find(rootSource)).toBeDefined()
    const run = await remove(['--delete-repository', 'acme/fleet'])
    expect(run.code, run.stderr).toBe(0)
    await expect(fleetRepositoryOf(fixture).log()).rejects.toThrow()
  })

  it('is refused while something else follows the source', async () => {
    await fixture.system.client.apply(
      {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: 'apps', namespace: 'flux-system' },
        spec: {
          interval: '10m',
          path: './apps',
          prune: true,
          suspend: true,
          sourceRef: { kind: 'GitRepository', name: 'flux-system' },
        },
      },
      { fieldManager: 'test' },
    )
    const run = await remove([])
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('Kustomization/flux-system/apps')])
    expect(run.stderr).toContain('E_GITOPS_SOURCE_IN_USE')
  })

  it('and a bootstrap afterwards follows the same repository again', async () => {
    expect((await runSluice(['import', '--yes', ...fixture.args])).code).toBe(0)
    expect((await remove([])).code).toBe(0)
    const run = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    expect((await uids(fixture))['x'] ?? '').toBe('')
    expect((await find(cluster('prod')))?.metadata.uid).toBe(
      Object.entries(before).find(([key]) => /Cluster.*prod/.test(key) || /prod.*Cluster/.test(key))?.[1],
    )
  })
})
