import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { createGitHubForge } from '../../src/forges/index.ts'
import { type SandboxForge, startForge } from '../../src/sandbox/forge/index.ts'
import { eksaFiles, installAsFlux, rootSource } from '../harness/eksa-repository.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { applied, uids } from '../harness/inventory.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

// What users of EKS Anywhere asked for and could not get: the repository was deleted, renamed, or went to another host.
describe('a repository that is gone', () => {
  let fixture: LocalFixture
  let files: Record<string, string>
  let before: Record<string, string>
  beforeEach(async () => {
    fixture = await startFixture()
    files = await eksaFiles(`${fixture.system.forge.url}/acme/fleet.git`)
    await installAsFlux(fixture, files)
    await applied(fixture, (await fleetRepositoryOf(fixture).log())[0]!.sha)
    before = await uids(fixture)
  })
  afterEach(() => fixture.close())

  const move = (...args: string[]) => runSluice(['gitops', 'move', '--yes', ...args, ...fixture.args])
  const lose = async () => {
    const forge = createGitHubForge({
      host: fixture.system.forge.url,
      token: fixture.system.token,
      userAgent: 'test',
    })
    await forge.deleteRepository('acme', 'fleet')
    await forge.close()
  }
  const backup = async (content: Record<string, string>) => {
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'backup' })
    await fleetRepositoryOf(fixture, 'backup').push(content)
  }
  const url = async () => ((await fixture.system.client.get(rootSource))['spec'] as { url: string }).url

  it('deleted: says so, and what to do', async () => {
    await lose()
    const run = await move('--to-branch', 'production')
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('E_GITOPS_OLD_GONE')])
    expect(run.stderr).toContain('--to-repository')
    const other = await move('--to-repository', 'acme/nowhere')
    expect([other.code, other.stderr]).toEqual([5, expect.stringContaining('E_GITOPS_OLD_GONE')])
    expect(other.stderr).toContain('acme/nowhere.git, branch main: clusters/mgmt/flux-system/gotk-sync.yaml')
    const forge = createGitHubForge({ host: fixture.system.forge.url, token: fixture.system.token, userAgent: 'test' })
    expect(await forge.repository('acme', 'nowhere')).toBeUndefined()
    await forge.close()
    const scale = await runSluice(['scale', 'prod', 'web=4', ...fixture.args])
    expect(scale.code).not.toBe(0)
    expect(scale.stderr).toMatch(/E_(GIT|FORGE)_REPOSITORY_NOT_FOUND/)
    expect(await uids(fixture)).toEqual(before)
  })

  it('renamed, or pushed anew from a backup: the cluster is pointed at it, with every object as it was', async () => {
    await lose()
    await backup(files)
    const plan = await runSluice(['gitops', 'move', '--to-repository', 'acme/backup', '--dry-run', ...fixture.args])
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain('nothing is carried')
    const run = await move('--to-repository', 'acme/backup')
    expect(run.code, run.stderr).toBe(0)
    expect(await url()).toContain('/acme/backup.git')
    expect(await uids(fixture)).toEqual(before)
    const scale = await runSluice(['scale', 'prod', 'web=4', ...fixture.args])
    expect(scale.code, scale.stderr).toBe(0)
  })

  it('with a backup that lacks a cluster: refused, because that cluster would be removed', async () => {
    await lose()
    await backup(Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes('/staging/'))))
    const run = await move('--to-repository', 'acme/backup')
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('E_GITOPS_TARGET_IN_USE')])
    expect(run.stderr).toContain('it would be removed from the cluster')
    expect(await url()).toContain('/acme/fleet.git')
    expect(await uids(fixture)).toEqual(before)
  })

  it('with a backup that lacks what a Kustomization below the root applied: refused as well', async () => {
    const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: default\n`
    const below = { 'clusters/mgmt/apps.yaml': appsKustomization, 'apps/a.yaml': map('a') }
    const commit = await fleetRepositoryOf(fixture).push({ ...below, 'apps/b.yaml': map('b') })
    await applied(fixture, commit)
    const ready = await runSluice(['reconcile', 'kustomization', 'apps', ...fixture.args])
    expect(ready.code, ready.stderr).toBe(0)
    await lose()
    await backup({ ...files, ...below })
    const run = await move('--to-repository', 'acme/backup')
    expect([run.code, run.stderr]).toEqual([5, expect.stringContaining('default_b__ConfigMap')])
    expect(await url()).toContain('/acme/fleet.git')
  })

  it('on a host that is no more: what a new host holds is followed, with a new token', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-forge-'))
    const other: SandboxForge = await startForge({ dataDir: dir, clock: systemClock, logger: silentLogger })
    try {
      other.admin.createUser({ login: 'octo' })
      other.admin.createOrganization({ login: 'acme' })
      other.admin.addMember('acme', 'octo', 'admin')
      const token = other.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'] })
      await other.admin.createRepository({ owner: 'acme', name: 'fleet' })
      await fleetRepositoryOf(fixture, 'fleet', 'main', { url: other.url, token }).push(files)
      const tokenFile = join(dir, 'token.txt')
      await writeFile(tokenFile, token.reveal(), { mode: 0o600 })
      await fixture.system.forge.close()
      const run = await move('--to-host', other.url, '--to-token-file', tokenFile)
      expect(run.code, run.stderr).toBe(0)
      expect(await url()).toBe(`${other.url}/acme/fleet.git`)
      expect(await uids(fixture)).toEqual(before)
    } finally {
      await other.close()
      await rm(dir, { recursive: true, force: true })
    }
  })

  it('and a token for another host is not sent to the one that is followed', async () => {
    const run = await runSluice(
      ['gitops', 'move', '--to-branch', 'x', '--yes', '--host', 'gitlab.com', '--provider', 'gitlab', ...fixture.args],
      { env: { GITLAB_TOKEN: 'glpat-aaaaaaaaaaaaaaaaaaaa' } },
    )
    expect(run.stderr).toContain('E_FLEET_OTHER_HOST')
    expect(run.code).toBe(4)
  })
})

const appsKustomization = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
  namespace: flux-system
spec:
  interval: 10m
  path: ./apps
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
`
