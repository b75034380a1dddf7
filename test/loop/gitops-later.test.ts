import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/kube/object.ts'
import { parseObjects } from '../../src/kube/yaml/index.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('GitOps for clusters that run already', () => {
  let fixture: LocalFixture
  beforeAll(async () => {
    fixture = await startFixture()
    const files = (await readdir(exampleSpecs)).filter(name => name.endsWith('.yaml'))
    for (const name of files) {
      for (const object of parseObjects(await readFile(join(exampleSpecs, name), 'utf8')))
        await fixture.system.client.apply(withoutGitOps(object), { fieldManager: 'eks-a-cli' })
    }
  })
  afterAll(() => fixture.close())

  const prod = {
    group: 'anywhere.eks.amazonaws.com',
    version: 'v1alpha1',
    kind: 'Cluster',
    namespace: 'default',
    name: 'prod',
  }
  const bootstrap = (...args: string[]) =>
    runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...args, ...fixture.args])
  const web = async () => {
    const live = await fixture.system.client.get(prod)
    return (live['spec'] as { workerNodeGroupConfigurations: { name: string; count: number }[] })
      .workerNodeGroupConfigurations[0]
  }

  /** As a cluster is that was made without gitOpsRef, and scaled since: five machines, three in the file. */
  function withoutGitOps(object: KubeObject): KubeObject {
    if (object.kind !== 'Cluster') return object
    const { gitOpsRef: _, ...spec } = object['spec'] as Record<string, unknown>
    const groups = spec['workerNodeGroupConfigurations'] as { name: string }[]
    const scaled = groups.map(group => (group.name === 'web' ? { ...group, count: 5 } : group))
    return { ...object, spec: { ...spec, workerNodeGroupConfigurations: scaled } }
  }

  it('names each count that would change, and writes nothing', async () => {
    const run = await bootstrap()
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('E_BOOTSTRAP_LIVE_COUNTS')])
    expect(run.stderr).toContain('prod: web is 5 in the cluster, 3 in the spec')
    expect(run.stderr).not.toContain('batch')
    expect(await web()).toMatchObject({ count: 5 })
    await expect(fleetRepositoryOf(fixture).log()).rejects.toThrow()
    const plan = await bootstrap('--set-counts', '--dry-run')
    expect(plan.stdout).toContain('prod: web is 5 in the cluster, 3 in the spec: it will be scaled')
  })

  it('goes on when the specs are said to be right; the clusters stay the same objects', async () => {
    const before = (await fixture.system.client.get(prod)).metadata.uid
    const run = await bootstrap('--set-counts')
    expect(run.code, run.stderr).toBe(0)
    expect((await fixture.system.client.get(prod)).metadata.uid).toBe(before)
    expect(await web()).toMatchObject({ count: 3 })
    expect((await bootstrap()).code).toBe(0)
  })
})
