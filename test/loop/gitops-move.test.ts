import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eksaFiles, installAsFlux, rootKustomization, rootSource } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { applied, uids } from '../harness/inventory.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('sluice gitops move', () => {
  let fixture: LocalFixture
  let before: Record<string, string>
  beforeEach(async () => {
    fixture = await startFixture()
    await installAsFlux(fixture, await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`))
    await applied(fixture, (await fleetRepositoryOf(fixture).log())[0]!.sha)
    before = await uids(fixture)
  })
  afterEach(() => fixture.close())

  const sluice = (...args: string[]) => runSluice([...args, ...fixture.args])
  const move = (...args: string[]) => sluice('gitops', 'move', '--yes', ...args)
  const source = async () => (await fixture.system.client.get(rootSource))['spec'] as Record<string, unknown>
  const kustomization = async () =>
    (await fixture.system.client.get(rootKustomization))['spec'] as Record<string, unknown>

  const unchanged = ['check', 'repository', 'branch', 'files', 'engine', 'ready'].map(id => `${id} unchanged`)
  /** What each step of a bootstrap with the example specs, changed, came to. */
  async function bootstrap(change: (text: string) => string): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-test-specs-'))
    try {
      for (const name of (await readdir(exampleSpecs)).filter(one => one.endsWith('.yaml')))
        await writeFile(join(folder, name), change(await readFile(join(exampleSpecs, name), 'utf8')))
      const run = await sluice('bootstrap', '-f', folder, '--yes', '-o', 'json')
      expect(run.code, run.stderr).toBe(0)
      const { steps } = JSON.parse(run.stdout) as { steps: { id: string; outcome: string }[] }
      return steps.map(step => `${step.id} ${step.outcome}`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  it('to another branch: made from the old one, in place, with every object as it was', async () => {
    const plan = await sluice('gitops', 'move', '--to-branch', 'production', '--dry-run')
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain('spec.ref.branch: main → production')
    expect(plan.stdout).toContain('config is immutable')
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(1)

    const run = await move('--to-branch', 'production')
    expect(run.code, run.stderr).toBe(0)
    expect(await source()).toMatchObject({ ref: { branch: 'production' } })
    expect(await uids(fixture)).toEqual(before)
    const scaled = await sluice('scale', 'prod', 'web=4')
    expect(scaled.code, scaled.stderr).toBe(0)
    expect((await fleetRepositoryOf(fixture, 'fleet', 'production').log())[0]?.subject).toContain('Scale prod')

    const again = await move('--to-branch', 'production')
    expect(again.code, again.stderr).toBe(0)
    expect(await fleetRepositoryOf(fixture, 'fleet', 'production').log()).toHaveLength(3)
    expect((await sluice('import', '--yes')).code).toBe(0)
    expect(await bootstrap(text => text.replaceAll('branch: main', 'branch: production'))).toEqual(unchanged)
  })

  it('to another folder: copied first, removed when it is followed', async () => {
    const run = await move('--to-path', 'fleets/mgmt')
    expect(run.code, run.stderr).toBe(0)
    expect(await kustomization()).toMatchObject({ path: './fleets/mgmt' })
    expect(await uids(fixture)).toEqual(before)
    const repository = fleetRepositoryOf(fixture)
    expect(await repository.read('fleets/mgmt/prod/eksa-system/eksa-cluster.yaml')).toContain('name: prod')
    expect(await repository.read('clusters/mgmt/flux-system/gotk-sync.yaml')).toBe('undefined')
    expect(await repository.log()).toHaveLength(3)
    const shown = await sluice('get', 'clusters')
    expect(shown.stdout).toContain('prod')
  })

  it('to another folder, with a change to the old one meanwhile: names it, and removes nothing', async () => {
    const repository = fleetRepositoryOf(fixture)
    const killed = await runSluice(['gitops', 'move', '--yes', '--to-path', 'fleets/mgmt', ...fixture.args], {
      env: { SLUICE_FAULT: 'before:move.tidy' },
    })
    expect(killed.signal, killed.stderr).toBe('SIGKILL')
    const [old, now] = ['clusters', 'fleets'].map(top => `${top}/mgmt/prod/eksa-system/eksa-cluster.yaml`) as [
      string,
      string,
    ]
    const changed = `${await repository.read(old)}# too late\n`
    await repository.push({ [old]: changed, 'clusters/mgmt/new.yaml': '# too late\n' }, 'Too late\n')
    const refused = await move('--to-path', 'fleets/mgmt')
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('E_GITOPS_LATE_COMMITS')])
    expect(refused.stderr).toContain(`(Too late): clusters/mgmt/new.yaml, ${old}`)
    expect(await repository.read(old)).toBe(changed)
    await repository.push({ [now]: changed, 'clusters/mgmt/new.yaml': undefined })
    const done = await move('--to-path', 'fleets/mgmt')
    expect(done.code, done.stderr).toBe(0)
    expect([await repository.read(old), await repository.read(now)]).toEqual(['undefined', changed])
    expect(await uids(fixture)).toEqual(before)
  })

  it('to another repository: with all branches, tags and history, and a note in the old one', async () => {
    const run = await move('--to-repository', 'acme/platform')
    expect(run.code, run.stderr).toBe(0)
    expect(await source()).toMatchObject({
      url: `${fixture.system.forge.url}/acme/platform.git`,
      secretRef: { name: 'flux-system' },
    })
    expect(await uids(fixture)).toEqual(before)
    const [, ...history] = await fleetRepositoryOf(fixture, 'platform').log()
    const old = await fleetRepositoryOf(fixture).log()
    expect(history.map(commit => commit.sha)).toEqual(old.slice(1).map(commit => commit.sha))
    expect(await fleetRepositoryOf(fixture).read('MOVED.md')).toContain('acme/platform.git')
  })

  it('to other intervals, which a bootstrap then keeps', async () => {
    const run = await move('--interval', '30s', '--sync-interval', '5m')
    expect(run.code, run.stderr).toBe(0)
    expect(await source()).toMatchObject({ interval: '30s' })
    expect(await kustomization()).toMatchObject({ interval: '5m0s' })
    expect(await uids(fixture)).toEqual(before)
    expect((await sluice('import', '--yes')).code).toBe(0)
    expect(await bootstrap(text => text)).toEqual(unchanged)
    expect(await source()).toMatchObject({ interval: '30s' })
  })

  it.each<[string, string[], string]>([
    ['nothing', [], 'E_GITOPS_NOTHING_TO_CHANGE'],
    ['a folder inside the old one', ['--to-path', 'clusters/mgmt/new'], 'E_GITOPS_PATH_NESTED'],
    ['the root', ['--to-path', '.'], 'E_GITOPS_PATH_NESTED'],
    ['a folder outside of the repository', ['--to-path', '../x'], 'E_LAYOUT_PATH'],
    ['a branch name that git refuses', ['--to-branch', 'a..b'], 'E_GIT'],
  ])('to %s is refused, and nothing is written', async (_, args, code) => {
    const run = await move(...args)
    expect(run.stderr).toContain(code)
    expect(run.code).not.toBe(0)
    expect(await fleetRepositoryOf(fixture).log()).toHaveLength(1)
  })
})
