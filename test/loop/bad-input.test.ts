import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGitHubForge } from '../../src/forges/index.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('bad input to bootstrap', () => {
  let fixture: LocalFixture
  let folder: string
  let mgmt: string
  beforeAll(async () => {
    fixture = await startFixture()
    folder = await mkdtemp(join(tmpdir(), 'sluice-test-specs-'))
    mgmt = await readFile(join(exampleSpecs, 'mgmt.yaml'), 'utf8')
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await fixture.close()
  })

  const bootstrap = (args: readonly string[], env: Record<string, string> = {}) =>
    runSluice(['bootstrap', '--yes', ...args, ...fixture.args], { env })

  /** Bootstraps the management spec after a change to its text. */
  async function withSpec(change: (text: string) => string) {
    const text = change(mgmt)
    expect(text).not.toBe(mgmt)
    const path = join(folder, 'spec.yaml')
    await writeFile(path, text)
    return bootstrap(['-f', path])
  }

  async function nothingWasMade() {
    const { system } = fixture
    const forge = createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'sluice-test' })
    expect(await forge.repository('acme', 'fleet')).toBeUndefined()
    expect(
      await system.client.find({ group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'flux-system' }),
    ).toBeUndefined()
  }

  const host = () => ['--host', fixture.system.forge.url]

  it.each([
    ['no token', [], {}, 'E_TOKEN_MISSING', 4],
    ['a token that is no token', [], { EKSA_GITHUB_TOKEN: 'hello world' }, 'E_TOKEN_', 4],
    ['an unknown token', [], { EKSA_GITHUB_TOKEN: `ghp_${'a'.repeat(36)}` }, 'E_TOKEN_', 4],
    ['a token for another kind of host', [], { EKSA_GITHUB_TOKEN: `glpat-${'a'.repeat(20)}` }, 'E_TOKEN_', 4],
  ])('%s: says so and makes nothing', async (_, args, env, code, exit) => {
    const run = await bootstrap(['-f', exampleSpecs, ...host(), ...args], env as Record<string, string>)
    expect(run.stderr).toContain(code)
    expect(run.stderr).toContain('next')
    expect(run.code).toBe(exit)
    await nothingWasMade()
  })

  it('an expired token, a token without rights and a wrong owner are told apart', async () => {
    const { admin } = fixture.system.forge
    const expired = admin.createToken({
      user: 'octo',
      kind: 'classic',
      scopes: ['repo'],
      expiresAt: new Date(Date.now() - 1000),
    })
    const unscoped = admin.createToken({ user: 'octo', kind: 'classic', scopes: [] })
    admin.createUser({ login: 'stranger' })
    const stranger = admin.createToken({ user: 'stranger', kind: 'classic', scopes: ['repo'] })
    const texts: string[] = []
    for (const token of [expired, unscoped, stranger]) {
      const run = await bootstrap(['-f', exampleSpecs, ...host()], { EKSA_GITHUB_TOKEN: token.reveal() })
      expect(run.code, run.stderr).toBe(4)
      expect(run.stderr).not.toContain(token.reveal())
      texts.push(run.stderr.split('\n').find(line => line.startsWith('error')) ?? '')
    }
    expect(new Set(texts).size).toBe(3)
    await nothingWasMade()
  })

  it.each<[string, (text: string) => string, string]>([
    ['an owner that does not exist', text => text.replace('owner: acme', 'owner: nobody-here'), 'nobody-here'],
    [
      'a repository name that Git hosts refuse',
      text => text.replace('repository: fleet', 'repository: "fl eet"'),
      'repository',
    ],
    ['a branch name that git refuses', text => text.replace('branch: main', 'branch: "a..b"'), 'branch'],
    [
      'a gitOpsRef that points at nothing',
      text =>
        text.replace(
          /gitOpsRef:\n(\s+)kind: FluxConfig\n(\s+)name: \S+/,
          'gitOpsRef:\n$1kind: FluxConfig\n$2name: nowhere',
        ),
      'nowhere',
    ],
    [
      'a gitOpsRef of a wrong kind',
      text => text.replace(/gitOpsRef:\n(\s+)kind: FluxConfig/, 'gitOpsRef:\n$1kind: Fluxconfig'),
      'gitOpsRef',
    ],
    [
      'a control plane of two',
      text => text.replace(/(controlPlaneConfiguration:\n(?:\s+#.*\n)*\s+count: )\d+/, '$12'),
      'even number',
    ],
    ['a negative count', text => text.replace(/(\n {4}- name: \S+\n(?: {6}#.*\n)*\s+count: )\d+/, '$1-1'), '-1'],
    [
      'a count that is no integer',
      text => text.replace(/(\n {4}- name: \S+\n(?: {6}#.*\n)*\s+count: )\d+/, '$11.5'),
      '1.5',
    ],
    ['two clusters in one file', text => `${text}\n---\n${text}`, 'only one Cluster'],
    ['YAML that does not parse', text => text.replace('spec:', 'spec: [\n'), 'spec.yaml:'],
    ['no cluster at all', () => 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n', 'no Cluster'],
  ])('%s: names field, value and rule and makes nothing', async (_, change, words) => {
    const run = await withSpec(change)
    expect(run.stderr).toContain(words)
    expect(run.stderr).toMatch(/error E_/)
    expect(run.code).not.toBe(0)
    await nothingWasMade()
  })

  it('legal branch names that EKS Anywhere refuses are accepted', async () => {
    const path = join(folder, 'branch.yaml')
    for (const branch of ['m', 'feature/a/b', 'release-1.0']) {
      await writeFile(path, mgmt.replace('branch: main', `branch: ${branch}`))
      const run = await runSluice(['bootstrap', '--dry-run', '-f', path, ...fixture.args])
      expect(run.code, run.stderr).toBe(0)
      expect(run.stdout).toContain(branch)
    }
    await nothingWasMade()
  })

  it('a dry run prints every step and file and makes nothing', async () => {
    const run = await runSluice(['bootstrap', '--dry-run', '-f', exampleSpecs, ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    expect(run.stdout).toContain('make the private repository acme/fleet')
    expect(run.stdout).toContain('clusters/mgmt/flux-system/gotk-sync.yaml')
    expect(run.stdout).toContain('clusters/mgmt/prod/eksa-system/eksa-cluster.yaml')
    const json = JSON.parse(
      (await runSluice(['bootstrap', '--dry-run', '-o', 'json', '-f', exampleSpecs, ...fixture.args])).stdout,
    )
    expect(json.steps.map((step: { id: string }) => step.id)).toEqual([
      'check',
      'repository',
      'branch',
      'files',
      'engine',
      'ready',
    ])
    await nothingWasMade()
  })

  it('a command line that is wrong ends with 2 and says what is known', async () => {
    for (const args of [
      ['bootstrp'],
      ['get'],
      ['scale', 'prod'],
      ['get', 'clusters', '-o', 'xml'],
      ['scale', 'prod', 'web'],
    ]) {
      const run = await runSluice([...args])
      expect(run.code, args.join(' ')).toBe(2)
    }
  })
})
