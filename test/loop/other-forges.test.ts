import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { giteaStandIn, type StandIn, startStandIn } from '../../src/sandbox/forge/stand-ins/index.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

/** The example specs with another repository in their FluxConfig, in a folder of their own. */
async function specsFor(repository: string): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-specs-'))
  for (const name of (await readdir(exampleSpecs)).filter(one => one.endsWith('.yaml'))) {
    const text = await readFile(join(exampleSpecs, name), 'utf8')
    await writeFile(join(dir, name), text.replace(/ {2}github:\n(?: {4}.*\n)+/, repository))
  }
  return dir
}

const github = (owner: string) => `  github:\n    owner: ${owner}\n    repository: fleet\n    personal: false\n`

describe('a fleet on a host that is not GitHub', () => {
  let fixture: LocalFixture
  let specs: string

  beforeAll(async () => {
    fixture = await startFixture()
    const { admin } = fixture.system.forge
    admin.createOrganization({ login: 'acme/platform' })
    admin.addMember('acme/platform', 'octo', 'admin')
    specs = await specsFor(github('acme/platform'))
  })
  afterAll(async () => {
    await fixture.close()
    await rm(specs, { recursive: true, force: true })
  })

  const token = () => fixture.system.forge.admin.createGitLabToken({ user: 'octo', scopes: ['api'] }).reveal()
  const gitlab = () => ['--provider', 'gitlab', '--host', fixture.system.forge.url]

  it('is checked, bootstrapped and scaled in a nested group of GitLab', async () => {
    const env = { GITLAB_TOKEN: token() }
    const check = await runSluice(['check', '-f', specs, ...gitlab(), ...fixture.args], { env })
    expect(check.code, check.stdout + check.stderr).toBe(0)
    expect(check.stdout).toContain('acme/platform')
    expect(check.stdout).toMatch(/\n\d+ passed/)

    const run = await runSluice(['bootstrap', '-f', specs, '--yes', ...gitlab(), ...fixture.args], { env })
    expect(run.code, run.stderr).toBe(0)
    const again = await runSluice(['bootstrap', '-f', specs, '--yes', ...gitlab(), ...fixture.args], { env })
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout).not.toContain('committed')

    const scaled = await runSluice(['scale', 'prod', 'web=4', ...gitlab(), ...fixture.args], { env })
    expect(scaled.code, scaled.stderr).toBe(0)
    expect(scaled.stdout).toContain('web 3 → 4')
  })

  it('says which token it wants when only that of another kind of host is set', async () => {
    const run = await runSluice(['check', '-f', specs, ...gitlab(), '--no-cluster', ...fixture.args], {
      env: { GITHUB_TOKEN: 'ghp_something' },
    })
    expect(run.stderr).toContain('E_TOKEN_MISSING')
    expect(run.stderr).toContain('GITLAB_TOKEN')
    expect(run.stderr).toContain('only GITHUB_TOKEN, while the host is of kind gitlab')
    expect(run.code).toBe(4)
  })
})

describe('sluice check --probe', () => {
  let fixture: LocalFixture
  beforeAll(async () => {
    fixture = await startFixture()
  })
  afterAll(() => fixture.close())

  const repositories = async () => {
    const run = await runSluice(['check', '--repository', 'acme/fleet-sluice-probe', ...fixture.args])
    return run.stdout
  }

  it('makes a repository, pushes, reads back and removes it, and leaves nothing', async () => {
    const run = await runSluice(['check', '--repository', 'acme/fleet', '--probe', ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    for (const text of ['a repository can be made', 'came back unchanged', 'is removed', 'passed'])
      expect(run.stdout).toContain(text)
    expect(await repositories()).toContain('acme/fleet-sluice-probe is not there')
  })

  it('uses a repository of its own where the repository is empty: the first branch would be the default one', async () => {
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'empty' })
    const run = await runSluice(['check', '--repository', 'acme/empty', '--probe', ...fixture.args])
    expect(run.stdout).toContain('acme/empty-sluice-probe is removed')
  })

  it('uses a branch of its own where the repository has commits', async () => {
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
    const run = await runSluice(['check', '--repository', 'acme/fleet', '--probe', '-o', 'json', ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    const { ok, checks } = JSON.parse(run.stdout) as { ok: boolean; checks: { id: string; status: string }[] }
    expect(ok).toBe(true)
    expect(checks.filter(one => one.id.startsWith('probe.')).map(one => `${one.id} ${one.status}`)).toEqual([
      'probe.clone pass',
      'probe.sweep pass',
      'probe.push pass',
      'probe.read pass',
      'probe.delete pass',
    ])
  })

  it('is not run after a failed check', async () => {
    const run = await runSluice(['check', '--repository', 'nobody/fleet', '--probe', ...fixture.args])
    expect(run.code).not.toBe(0)
    expect(run.stdout).toMatch(/○ a commit can be pushed and read back {2}not run/)
  })

  it('wants either specs or a repository', async () => {
    const run = await runSluice(['check', '--probe', ...fixture.args])
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('-f FILE, or --repository OWNER/NAME')
  })
})

describe('a repository that is known by its address alone', () => {
  let fixture: LocalFixture
  let server: StandIn
  let specs: string
  let dir: string

  beforeAll(async () => {
    fixture = await startFixture()
    dir = await mkdtemp(join(tmpdir(), 'sluice-test-gitea-'))
    server = await startStandIn(giteaStandIn, dir)
    server.model.addToken('a'.repeat(40), { user: 'mona', scopes: ['all'] })
    server.model.addGroup('acme', { mona: 'owner' })
    specs = await specsFor(`  git:\n    repositoryUrl: http://${server.host}/acme/fleet.git\n`)
  })
  afterAll(async () => {
    await server.close()
    await fixture.close()
    await rm(specs, { recursive: true, force: true })
    await rm(dir, { recursive: true, force: true })
  })

  const env = { GIT_PASSWORD: 'a'.repeat(40), GITEA_TOKEN: 'a'.repeat(40) }

  it('must be there: a server that speaks Git alone makes none', async () => {
    const run = await runSluice(['check', '-f', specs, '--no-cluster', ...fixture.args], { env })
    expect(run.code).not.toBe(0)
    expect(run.stderr).toContain('E_GIT_REPOSITORY_NOT_FOUND')
  })

  it('is made where the provider is named, and then needs the address alone', async () => {
    const made = await runSluice(['bootstrap', '-f', specs, '--yes', '--provider', 'gitea', ...fixture.args], { env })
    expect(made.code, made.stderr).toBe(0)
    const again = await runSluice(['bootstrap', '-f', specs, '--yes', '--username', 'mona', ...fixture.args], { env })
    expect(again.code, again.stderr).toBe(0)
    const scaled = await runSluice(
      ['scale', 'prod', 'web=5', '--provider', 'git', '--host', server.host, '--username', 'mona', ...fixture.args],
      { env },
    )
    expect(scaled.code, scaled.stderr).toBe(0)
  })
})
