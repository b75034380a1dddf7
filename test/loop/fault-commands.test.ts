import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { startSluice } from '../harness/live-sluice.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { somebodyOf } from '../harness/rewrite.ts'
import { runLimited } from '../harness/run-limited.ts'
import { runSluice } from '../harness/run-sluice.ts'

const subjects = async (fixture: LocalFixture) => (await fleetRepositoryOf(fixture).log()).map(({ subject }) => subject)

/** What commands make for themselves while they run. */
async function leftovers(dataDir: string): Promise<string[]> {
  const mirrors = await readdir(join(dataDir, 'mirrors')).catch(() => [])
  const engines = (await readdir(dataDir)).filter(name => name.startsWith('engine-'))
  return [...mirrors, ...engines]
}

describe('commands of a fleet that are ended or hindered', () => {
  let fixture: LocalFixture
  let bootstrap: readonly string[]
  beforeAll(async () => {
    fixture = await startFixture()
    bootstrap = ['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args]
  })
  afterAll(() => fixture.close())

  it('bootstrap on a disk that takes no more writes nothing by halves, and goes on when there is room', async () => {
    const full = await runLimited(1, bootstrap)
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/error E_FILE_WRITE .*files may not grow so large here \(EFBIG\)/)
    expect(full.stderr).toContain('next  Make room')
    expect(full.stderr).toContain('wait until the cluster agrees with Git: not run')
    expect(await leftovers(fixture.dataDir)).toEqual([])
  })

  it('bootstrap by Ctrl-C, at each write, ends with 130; the next run says where it goes on, and makes nothing twice', async () => {
    // The full disk of before took no record of where that run ended, but of where it had come to.
    let goesOn = 'look at the branch'
    for (const [fault, title] of [
      ['before:files.push', 'commit the files of the fleet'],
      ['after:files.push', 'make the cluster follow the repository'],
      ['before:engine.apply.Namespace', 'make the cluster follow the repository'],
      ['after:engine.apply.Kustomization', 'wait until the cluster agrees with Git'],
    ] as const) {
      const stopped = await runSluice(bootstrap, { env: { SLUICE_FAULT: `${fault}=SIGINT` } })
      expect(stopped.code, stopped.stderr).toBe(130)
      expect(stopped.stderr).toContain(`goes on where an earlier run ended, in "${goesOn}"`)
      expect(stopped.stderr).toContain('stopped; the same command goes on where it was')
      expect(await leftovers(fixture.dataDir)).toEqual([])
      goesOn = title
    }
    const done = await runSluice(bootstrap)
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toContain(`goes on where an earlier run ended, in "${goesOn}"`)
    expect(await subjects(fixture)).toEqual(['Add mgmt, prod, staging to the fleet of mgmt'])
  })

  it('scale by Ctrl-C, before the push and while it follows, ends with 130; the same command again ends the same', async () => {
    const scale = ['scale', 'prod', 'web=5', ...fixture.args]
    fixture.system.forge.misbehave({ match: /git-receive-pack$/, delayMs: 1500 })
    const early = startSluice(scale)
    await early.waitFor('eksa-cluster.yaml on main')
    early.kill('SIGINT')
    expect(await early.ended, early.said()).toBe(130)
    fixture.system.forge.behave()
    expect(await leftovers(fixture.dataDir)).toEqual([])
    expect(await subjects(fixture)).toHaveLength(1)

    await fixture.system.client.patch(kustomizationRef, 'merge', { spec: { suspend: true } })
    const late = startSluice(scale)
    await late.waitFor('waiting for Kustomization')
    late.kill('SIGINT')
    expect(await late.ended, late.said()).toBe(130)
    expect(late.said()).toContain('stopped; the same command goes on where it was')
    expect(await leftovers(fixture.dataDir)).toEqual([])
    await fixture.system.client.patch(kustomizationRef, 'merge', { spec: { suspend: null } })
    const again = await runSluice(scale)
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('has these counts already')
    expect((await subjects(fixture)).slice(0, -1)).toEqual(['Scale prod web from 3 to 5'])
    expect(await leftovers(fixture.dataDir)).toEqual([])
  })

  it('scale whose commit somebody takes away by force says so; the same command makes it anew', async () => {
    const { client } = fixture.system
    await client.patch(sourceRef, 'merge', { spec: { suspend: true } })
    const scale = startSluice(['scale', 'prod', 'web=4', ...fixture.args])
    await scale.waitFor('waiting for GitRepository')
    await somebodyOf(fixture).forcePush('nothing of it')
    await client.patch(sourceRef, 'merge', { spec: { suspend: null } })
    expect(await scale.ended, scale.said()).toBe(1)
    expect(scale.said()).toMatch(/error E_FLEET_COMMIT_LOST main of http\S+: the commit was taken off the branch/)
  })
})

describe('a kubeconfig with a credential plugin', () => {
  let fixture: LocalFixture
  let folder: string
  beforeAll(async () => {
    fixture = await startFixture()
    folder = await mkdtemp(join(tmpdir(), 'sluice-test-plugin-'))
  })
  afterAll(async () => {
    await fixture.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Arguments for the fixture's cluster, reached with what a plugin says; the plugin is a shell script. */
  async function withPlugin(script: string): Promise<string[]> {
    const plugin = join(folder, 'plugin.sh')
    await writeFile(plugin, `#!/bin/sh\n${script}\n`)
    await chmod(plugin, 0o755)
    const path = join(folder, 'kubeconfig')
    const { url, caPem } = fixture.system.cluster
    const config = {
      'current-context': 'x',
      contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
      clusters: [
        { name: 'x', cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } },
      ],
      users: [{ name: 'x', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin } } }],
    }
    await writeFile(path, JSON.stringify(config), { mode: 0o600 })
    return ['bootstrap', '-f', exampleSpecs, '--yes', '--kubeconfig', path, ...fixture.args]
  }
  const answer = (token: string, ends: string) =>
    `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token, expirationTimestamp: ends } })}'`

  it.each([
    [
      'whose token has expired',
      answer('expired-token-0123456789', '2020-01-01T00:00:00Z'),
      'E_KUBE_UNAUTHORIZED',
      /401|Unauthorized/,
    ],
    ['that fails', 'echo "The SSO session has expired" >&2; exit 255', 'E_KUBE_EXEC', /exit code 255: The SSO session/],
    ['that prints something else', 'echo "<html>"', 'E_KUBE_EXEC', /an answer that is not JSON/],
  ])('%s: bootstrap says so and makes nothing', async (_, script, code, words) => {
    const run = await runSluice(await withPlugin(script), {
      env: { EKSA_GITHUB_TOKEN: fixture.system.token.reveal() },
    })
    expect(run.code, run.stderr).toBe(4)
    expect(run.stderr).toContain(`error ${code}`)
    expect(run.stderr).toMatch(words)
    expect(run.stderr).not.toContain('expired-token')
    expect(await fixture.system.client.find(namespaceRef)).toBeUndefined()
  })

  it('that hangs can be left by Ctrl-C, and leaves no process behind', async () => {
    const pidFile = join(folder, 'pid')
    const run = startSluice(await withPlugin(`echo $$ > '${pidFile}'; sleep 300`), {
      EKSA_GITHUB_TOKEN: fixture.system.token.reveal(),
    })
    await expect.poll(() => readFile(pidFile, 'utf8').catch(() => ''), { timeout: 20_000 }).not.toBe('')
    run.kill('SIGINT')
    expect(await run.ended, run.said()).toBe(130)
    const group = Number(await readFile(pidFile, 'utf8'))
    await expect.poll(() => isAlive(-group), { timeout: 20_000 }).toBe(false)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const namespaceRef = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'flux-system' }
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
