import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git } from '../harness/git.ts'
import { runSluice } from '../harness/run-sluice.ts'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const hasKubectl = await promisify(execFile)('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

/** A running `sluice up`, and what it has printed. */
interface Up {
  readonly child: ChildProcess
  output: string
  waitFor(text: string | RegExp): Promise<void>
  stop(signal: NodeJS.Signals): Promise<number | null>
}

function startUp(dataDir: string): Up {
  const child = spawn(process.execPath, [main, 'up', '--data', dataDir], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const up: Up = {
    child,
    output: '',
    waitFor: async text => {
      const deadline = Date.now() + 60_000
      while (typeof text === 'string' ? !up.output.includes(text) : !text.test(up.output)) {
        if (Date.now() > deadline || child.exitCode !== null) throw new Error(`no ${text} in:\n${up.output}`)
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    },
    stop: signal =>
      new Promise(resolve => {
        child.once('close', code => resolve(code))
        child.kill(signal)
      }),
  }
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (up.output += chunk.toString()))
  return up
}

describe('sluice up', () => {
  let dataDir: string
  let clone: string
  let helper: string
  let up: Up
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-up-'))
    clone = await mkdtemp(join(tmpdir(), 'sluice-up-clone-'))
    // git runs a helper as a program: the shell script of a checkout stands in for it.
    helper = join(clone, '..', `${clone.split('/').at(-1)}-helper`)
    await writeFile(helper, `#!/bin/sh\nexec '${process.execPath}' '${main}' credential --data '${dataDir}' "$@"\n`)
    await chmod(helper, 0o755)
    up = startUp(dataDir)
    await up.waitFor('Ctrl-C stops')
  })
  afterAll(async () => {
    if (up.child.exitCode === null && up.child.signalCode === null) await up.stop('SIGKILL')
    for (const path of [dataDir, clone, helper]) await rm(path, { recursive: true, force: true })
  })

  const clusterFile = 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml'

  it('says what was made and what to try next', () => {
    for (const text of ['3 clusters with 15 nodes', 'git clone', 'sluice scale', 'get nodes', 'kubeconfig'])
      expect(up.output).toContain(text)
  })

  it('keeps its token and kubeconfig to this user', async () => {
    for (const name of ['github.env', 'kubeconfig'])
      expect((await stat(join(dataDir, name))).mode & 0o777, name).toBe(0o600)
  })

  it('makes exactly the tree of EKS Anywhere and its own marker, in one commit', async () => {
    const url = /http:\/\/127\.0\.0\.1:\d+\/acme\/fleet\.git/.exec(up.output)?.[0] ?? ''
    await git(clone, 'clone', '-q', '-c', `credential.helper=${helper}`, url, '.')
    expect((await git(clone, 'ls-files')).split('\n')).toEqual([
      '.sluice.json',
      'clusters/mgmt/flux-system/gotk-components.yaml',
      'clusters/mgmt/flux-system/gotk-sync.yaml',
      'clusters/mgmt/flux-system/kustomization.yaml',
      'clusters/mgmt/mgmt/eksa-system/eksa-cluster.yaml',
      'clusters/mgmt/mgmt/eksa-system/kustomization.yaml',
      'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml',
      'clusters/mgmt/prod/eksa-system/kustomization.yaml',
      'clusters/mgmt/staging/eksa-system/eksa-cluster.yaml',
      'clusters/mgmt/staging/eksa-system/kustomization.yaml',
    ])
    expect(await git(clone, 'rev-list', '--count', 'HEAD')).toBe('1')
  })

  it('follows a real git push until the nodes are there, and shows each event', async () => {
    const path = join(clone, clusterFile)
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace(/(name: web\n(?:.*#.*\n)*\s+count: )3/, '$15'))
    await git(clone, 'commit', '-qam', 'Two more')
    await git(clone, 'push', '-q')
    await up.waitFor(/Cluster\/prod 10\/10 nodes Ready/)
    expect(up.output).toMatch(/acme\/fleet octo pushed [0-9a-f]{7} to main/)
    expect(up.output).toMatch(/Kustomization\/flux-system\/flux-system ReconciliationSucceeded/)
  })

  it.skipIf(!hasKubectl)('serves real kubectl', async () => {
    const kubectl = async (...args: string[]) =>
      (
        await promisify(execFile)('kubectl', ['--kubeconfig', join(dataDir, 'kubeconfig'), ...args], {
          env: { PATH: process.env['PATH'], HOME: clone },
        })
      ).stdout
    expect(
      (await kubectl('get', 'nodes', '-l', 'cluster.x-k8s.io/cluster-name=prod', '-o', 'name')).trim().split('\n'),
    ).toHaveLength(10)
    expect(await kubectl('get', 'kustomizations', '-A')).toContain('Applied revision: main@sha1:')
    await kubectl('wait', '--for=condition=Ready', 'clusters.anywhere.eks.amazonaws.com/prod', '--timeout=10s')
  })

  it('puts back what somebody changed in the cluster', async () => {
    const run = await runSluice(['get', 'clusters', '-o', 'json', '--data', dataDir])
    const before = JSON.parse(run.stdout).items.find((row: { name: string }) => row.name === 'staging').wanted
    const { createKubeClient, loadKubeConfig } = await import('../../src/kube/client/index.ts')
    const client = createKubeClient(await loadKubeConfig({ path: join(dataDir, 'kubeconfig'), env: {} }), {
      userAgent: 'test',
    })
    try {
      const ref = {
        group: 'anywhere.eks.amazonaws.com',
        version: 'v1alpha1',
        kind: 'Cluster',
        namespace: 'default',
        name: 'staging',
      }
      const live = await client.get(ref)
      const spec = structuredClone(live['spec']) as { workerNodeGroupConfigurations: { count: number }[] }
      spec.workerNodeGroupConfigurations[0]!.count = 4
      await client.replace({ ...live, spec }, { fieldManager: 'somebody' })
      await up.waitFor('DriftCorrected')
      await expect
        .poll(
          async () =>
            JSON.parse((await runSluice(['get', 'clusters', '-o', 'json', '--data', dataDir])).stdout).items.find(
              (row: { name: string }) => row.name === 'staging',
            ).wanted,
          { timeout: 20_000 },
        )
        .toBe(before)
    } finally {
      await client.close()
    }
  })

  it('refuses to run twice on one folder', async () => {
    const run = await runSluice(['up', '--data', dataDir])
    expect(run.stderr).toContain('E_ALREADY_RUNNING')
    expect(run.code).toBe(5)
  })

  it('goes on after kill -9 where it was and makes nothing twice', async () => {
    const before = await git(clone, 'ls-remote', 'origin')
    await up.stop('SIGKILL')
    up = startUp(dataDir)
    await up.waitFor('Ctrl-C stops')
    expect(up.output).not.toContain('made the private repository')
    expect(up.output).not.toContain('committed ')
    expect(await git(clone, 'ls-remote', 'origin')).toBe(before)
    expect(up.output).toMatch(/prod +workload +control-plane=3 web=5 batch=2 +10\/10 +Ready/)
  })

  it('stops cleanly on Ctrl-C', async () => {
    expect(await up.stop('SIGINT')).toBe(0)
    expect(up.output).toContain('goes on where this ends')
  })
})
