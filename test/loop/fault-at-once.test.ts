import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyBootstrap, type BootstrapContext, type Fleet, readFleetSpecs } from '../../src/bootstrap/index.ts'
import { readFleet } from '../../src/fleet/read-fleet.ts'
import { createKubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import { withEngineBeside } from '../../src/local/engine-beside.ts'
import { startCluster } from '../../src/sandbox/index.ts'
import { eksaAdmission, installEksaCrds, startMachines } from '../../src/sandbox/machines/index.ts'
import { bootstrapContext, bootstrapWith, told } from '../harness/faulty-bootstrap.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('two bootstraps at once', () => {
  let fixture: LocalFixture
  let context: BootstrapContext
  beforeAll(async () => {
    fixture = await startFixture()
    context = await bootstrapContext(fixture)
  })
  afterAll(() => fixture.close())

  it('of one fleet, in two processes, both end equal, and nothing is made twice', async () => {
    const args = ['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args]
    const [one, other] = await Promise.all([runSluice(args), runSluice(args)])
    expect(one.code, one.stderr).toBe(0)
    expect(other.code, other.stderr).toBe(0)
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(1)
    expect((await readFleet(fixture.system.client)).map(row => row.health)).toEqual(['Ready', 'Ready', 'Ready'])
  })

  it('of two clusters into one repository both arrive, each in a folder of its own', async () => {
    const second = await secondCluster()
    try {
      const fleet = await renamed('edge')
      const { client, dataDir } = second
      const { clock, logger, signal } = context
      const { result } = await withEngineBeside(
        { client, dataDir, namespace: fleet.namespace, clock, logger, signal },
        async () => {
          const theirs = await fleetRepositoryOf(fixture)
            .push({ 'clusters/mgmt/prod': undefined })
            .catch(() => undefined)
          expect(theirs).toBeDefined()
          return Promise.all([applyBootstrap({ ...context, fleet, client, dataDir }), applyBootstrap(context)])
        },
      )
      expect(result.map(report => report.error)).toEqual([undefined, undefined])
      expect((await readFleet(client)).map(row => [row.name, row.health])).toEqual([['edge', 'Ready']])
      const repository = fleetRepositoryOf(fixture)
      for (const path of ['mgmt/prod', 'mgmt/mgmt', 'edge/edge'])
        expect(await repository.read(`clusters/${path}/eksa-system/eksa-cluster.yaml`)).toContain('kind: Cluster')
    } finally {
      await second.close()
    }
  })

  it('of two paths for one cluster: the later one is told what the cluster follows, and changes nothing', async () => {
    const fresh = await startFixture()
    try {
      const mine = await bootstrapContext(fresh)
      const theirs = { ...mine, fleet: { ...mine.fleet, path: 'clusters/elsewhere' } }
      const report = await bootstrapWith(theirs, 'before', 'engine.apply.Namespace', async () => {
        expect((await applyBootstrap(mine)).error).toBeUndefined()
      })
      expect(told(report)).toMatchObject({ outcome: 'failed', code: 'E_BOOTSTRAP_SYNC_CONFLICT' })
      expect(report.error?.message).toContain('expected ./clusters/elsewhere, seen ./clusters/mgmt')
      expect((await applyBootstrap(mine)).steps.map(step => step.outcome)).toEqual(Array(6).fill('unchanged'))

      // One that is overtaken after its last write does not take the other's success for its own.
      const { client } = fresh.system
      await client.patch(kustomizationRef, 'merge', { spec: { suspend: true } })
      await client.patch(sourceRef, 'merge', { spec: { interval: '2m' } })
      const overtaken = await bootstrapWith(mine, 'after', 'engine.apply.Kustomization', () =>
        client.patch(kustomizationRef, 'merge', { spec: { path: './clusters/elsewhere' } }),
      )
      expect(told(overtaken)).toMatchObject({ outcome: 'failed', code: 'E_BOOTSTRAP_SYNC_CONFLICT' })
    } finally {
      await fresh.close()
    }
  })

  /** A cluster with machines and without an engine. */
  async function secondCluster() {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-test-second-'))
    const kubeconfigPath = join(dataDir, 'kubeconfig')
    const { clock, logger } = context
    const cluster = await startCluster({
      dataDir: join(dataDir, 'cluster'),
      kubeconfigPath,
      admission: [eksaAdmission()],
      clock,
      logger,
    })
    const client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'test' })
    await installEksaCrds(client)
    const machines = await startMachines({ client, clock, logger, readyAfterMs: 0 })
    return {
      client,
      dataDir,
      close: async () => {
        await machines.close()
        await client.close()
        await cluster.close()
        await rm(dataDir, { recursive: true, force: true })
      },
    }
  }
})

/** The management cluster of the example under another name, as a fleet of its own in the same repository. */
async function renamed(name: string): Promise<Fleet> {
  const text = await readFile(join(exampleSpecs, 'mgmt.yaml'), 'utf8')
  return readFleetSpecs([{ path: `${name}.yaml`, text: text.replaceAll('mgmt', name) }])
}

const sourceRef = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  namespace: 'flux-system',
  name: 'flux-system',
}
const kustomizationRef = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'flux-system',
}
