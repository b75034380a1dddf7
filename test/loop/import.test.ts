import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eksaFiles, gotkComponents, gotkSync, installAsFlux } from '../harness/eksa-repository.ts'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { applied, uids } from '../harness/inventory.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('a repository that EKS Anywhere made', () => {
  let fixture: LocalFixture
  let repository: FleetRepository
  let before: Record<string, string>
  beforeAll(async () => {
    fixture = await startFixture()
    repository = fleetRepositoryOf(fixture)
    await installAsFlux(fixture, await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`))
    await applied(fixture, (await repository.log())[0]!.sha)
    before = await uids(fixture)
  })
  afterAll(() => fixture.close())

  const sluice = (...args: string[]) => runSluice([...args, ...fixture.args])

  it('is told apart by what stands in it: clusters, sizes, engine, and what is followed', async () => {
    const run = await sluice('import', '--dry-run')
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout).toContain('clusters/mgmt: made by EKS Anywhere, Flux v2.7.5')
    expect(run.stdout).toContain('cluster     prod: control-plane 3, web 3, batch 1..5')
    expect(run.stdout).toContain(`branch main, path clusters/mgmt`)
    expect(run.stdout).toContain('every       1m0s, applied again every 10m0s')
    expect(run.stdout).toMatch(/Kustomization\/flux-system\/flux-system \(clusters\/mgmt\): \d+ objects, the same/)
    expect(run.stdout).toContain('+ .sluice.json')
    const { fleets, proof } = JSON.parse((await sluice('import', '--dry-run', '-o', 'json')).stdout)
    expect(fleets[0]).toMatchObject({ maker: 'eks-anywhere', engine: { kind: 'flux', version: 'v2.7.5' } })
    expect(proof[0].objects).toBe(Object.keys(before).length)
    expect(await repository.log()).toHaveLength(1)
  })

  it('gets the marker in one commit, and nothing in the cluster is made anew', async () => {
    const run = await sluice('import', '--yes')
    expect(run.code, run.stderr).toBe(0)
    const [commit, ...older] = await repository.log()
    expect(older).toHaveLength(1)
    expect(await repository.read('.sluice.json')).toContain('"managedBy": "sluice"')
    await applied(fixture, commit!.sha)
    expect(await uids(fixture)).toEqual(before)
    const again = await sluice('import', '--yes')
    expect([again.code, again.stdout.includes('manages acme/fleet already')], again.stderr).toEqual([0, true])
    expect(await repository.log()).toHaveLength(2)
  })

  it('is shown and scaled from then on', async () => {
    const shown = await sluice('get', 'clusters')
    expect(shown.stdout).toMatch(/prod\s/)
    const run = await sluice('scale', 'prod', 'web=4')
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout).toContain('web 3 → 4')
    expect(await uids(fixture)).toEqual(before)
  })

  it('is bootstrapped again without any change', async () => {
    const commits = (await repository.log()).length
    const run = await sluice('bootstrap', '-f', exampleSpecs, '--yes', '-o', 'json')
    expect(run.code, run.stderr).toBe(0)
    const { steps } = JSON.parse(run.stdout) as { steps: { id: string; outcome: string }[] }
    expect(steps.map(step => `${step.id} ${step.outcome}`)).toEqual(
      ['check', 'repository', 'branch', 'files', 'engine', 'ready'].map(id => `${id} unchanged`),
    )
    expect(await repository.log()).toHaveLength(commits)
    expect(await uids(fixture)).toEqual(before)
  })
})

describe('a repository of EKS Anywhere before 0.6', () => {
  it('keeps its tree: imported, scaled and bootstrapped again where it is', async () => {
    const fixture = await startFixture()
    try {
      const repository = fleetRepositoryOf(fixture)
      await installAsFlux(fixture, await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`, 'before-0.6'))
      await applied(fixture, (await repository.log())[0]!.sha)
      const before = await uids(fixture)
      const mgmt = join(exampleSpecs, 'mgmt.yaml')
      for (const args of [
        ['import', '--yes'],
        ['scale', 'mgmt', 'md-0=3'],
        ['bootstrap', '-f', mgmt, '--yes'],
      ]) {
        const run = await runSluice([...args, ...fixture.args])
        expect(run.code, run.stderr).toBe(0)
      }
      expect(await repository.read('clusters/mgmt/eksa-system/eksa-cluster.yaml')).toContain('count: 3')
      expect(await repository.log()).toHaveLength(3)
      expect(await uids(fixture)).toEqual(before)
    } finally {
      await fixture.close()
    }
  })
})

describe('other repositories to import', () => {
  let fixture: LocalFixture
  let folder: string
  let number = 0
  beforeAll(async () => {
    fixture = await startFixture()
    folder = await mkdtemp(join(tmpdir(), 'sluice-test-'))
  })
  afterAll(async () => {
    await fixture.close()
    await rm(folder, { recursive: true, force: true })
  })

  const url = () => 'https://git.example.com/acme/fleet.git'
  /** A repository with these files, looked at without a cluster. */
  async function importOf(files: Record<string, string>, ...args: string[]) {
    const name = `repo-${++number}`
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name })
    const repository = fleetRepositoryOf(fixture, name)
    await repository.push(files)
    const run = await runSluice(['import', '--repository', `acme/${name}`, '--yes', ...args, ...fixture.args])
    return { run, repository }
  }
  const fluxFiles = (path: string) => {
    const start = path === '' ? '' : `${path}/`
    return {
      [`${start}flux-system/gotk-components.yaml`]: gotkComponents(),
      [`${start}flux-system/gotk-sync.yaml`]: gotkSync(url(), path),
      [`${start}flux-system/kustomization.yaml`]:
        'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- gotk-components.yaml\n- gotk-sync.yaml\n',
    }
  }
  const apps = {
    'clusters/prod/apps.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps, namespace: flux-system}
spec:
  interval: 5m
  path: ./apps
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
`,
    'apps/a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n',
  }

  it('made by flux bootstrap: what its Kustomizations build is proven too, and counts as understood', async () => {
    const { run, repository } = await importOf({ ...fluxFiles('clusters/prod'), ...apps })
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout).toContain('clusters/prod: made by flux bootstrap, Flux v2.7.5')
    expect(run.stdout).toContain('components  source-controller, kustomize-controller')
    expect(run.stdout).toContain('Kustomization/flux-system/apps (apps): 1 objects, the same')
    expect(await repository.read('.sluice.json')).toContain('sluice')
  })

  it('with several clusters, and with the tree of EKS Anywhere before 0.6', async () => {
    const { run } = await importOf({ ...(await eksaFiles(url(), 'before-0.6')), ...fluxFiles('clusters/prod') })
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout).toContain('clusters/mgmt: made by EKS Anywhere (the tree of versions before 0.6), Flux v2.7.5')
    expect(run.stdout).toContain('cluster     mgmt: control-plane 3, md-0 2')
    expect(run.stdout).toContain('clusters/prod: made by flux bootstrap')
  })

  it('with content that nothing explains: refused, and taken over with --adopt', async () => {
    const files = { ...fluxFiles('clusters/prod'), 'scripts/run.sh': 'true\n' }
    const { run, repository } = await importOf(files)
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('E_BOOTSTRAP_NOT_ADOPTED')])
    expect(run.stderr).toContain('scripts/')
    expect(await repository.log()).toHaveLength(1)
    const adopted = await importOf(files, '--adopt')
    expect(adopted.run.code, adopted.run.stderr).toBe(0)
  })

  it('where the root is synchronized: guardrails would be applied, so they are refused', async () => {
    const limits = join(folder, 'sluice.yaml')
    await writeFile(limits, 'guardrails:\n  - clusters: ["*"]\n    largestStep: 2\n')
    const { run, repository } = await importOf(fluxFiles(''), '--guardrails', limits)
    expect(run.code).not.toBe(0)
    expect(run.stderr).toMatch(/E_IMPORT_(DIFFERENT|UNBUILDABLE)/)
    expect(await repository.log()).toHaveLength(1)
    const good = await importOf(fluxFiles('clusters/prod'), '--guardrails', limits)
    expect(good.run.code, good.run.stderr).toBe(0)
    expect(await good.repository.read('sluice.yaml')).toContain('largestStep: 2')
    const plain = await importOf(fluxFiles(''))
    expect(plain.run.code, plain.run.stderr).toBe(0)
  })

  it.each<[string, Record<string, string>, string]>([
    ['nothing that is followed', { 'README.md': '# hello\n' }, 'E_IMPORT_NOTHING'],
    ['a marker of a later version', { '.sluice.json': '{"managedBy":"sluice","format":9}' }, 'E_BOOTSTRAP_PATH_IN_USE'],
    [
      'a folder that does not build',
      { ...fluxFiles('clusters/prod'), 'clusters/prod/broken.yaml': 'a: [\n' },
      'E_IMPORT_UNBUILDABLE',
    ],
  ])('with %s is refused by name and stays as it was', async (_, files, code) => {
    const { run, repository } = await importOf(files)
    expect(run.stderr).toContain(code)
    expect(run.code).not.toBe(0)
    expect(await repository.log()).toHaveLength(1)
  })
})
