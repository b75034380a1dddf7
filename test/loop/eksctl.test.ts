import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGitHubForge } from '../../src/forges/index.ts'
import { openMirror } from '../../src/git/index.ts'
import { createKubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { type SandboxAws, startAws } from '../../src/sandbox/aws/index.ts'
import type { EksctlCluster } from '../../src/specs/index.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const example = fileURLToPath(new URL('../../examples/eksctl/cluster.yaml', import.meta.url))
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

let fixture: LocalFixture
let aws: SandboxAws
let client: KubeClient
const ends: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  fixture = await startFixture()
  aws = await startAws({ updateMs: 50 })
  aws.admin.addCluster('shop')
  aws.admin.addManaged('shop', 'web', scaling(1, 3, 1), { stack: true })
  aws.admin.addManaged('shop', 'batch', scaling(0, 10, 7), { stack: true })
  aws.admin.addSelfManaged('shop', 'legacy', scaling(1, 1, 1))
  const access = await loadKubeConfig({ path: join(fixture.dataDir, 'kubeconfig'), env: {} })
  client = createKubeClient(access, { userAgent: 'test' })
})

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  await client.close()
  await aws.close()
  await fixture.close()
})

const awsEnv = () => ({
  AWS_ENDPOINT_URL: aws.url,
  AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
  AWS_SECRET_ACCESS_KEY: 'sandbox',
  AWS_EC2_METADATA_DISABLED: 'true',
})

const bootstrap = (file = example) => runSluice(['bootstrap', '-f', file, '--yes', ...fixture.args])

/** Starts `sluice nodegroups run` as a process of its own. */
function follow(env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, 'nodegroups', 'run', '--poll', '100ms', ...fixture.args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NO_COLOR: '1', ...awsEnv(), ...env },
    stdio: 'ignore',
  })
  const ended = new Promise<NodeJS.Signals | null>(resolve => child.once('close', (_, signal) => resolve(signal)))
  const stop = async () => {
    child.kill('SIGTERM')
    return await ended
  }
  ends.push(stop)
  return { ended, stop }
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() > deadline) throw new Error(`${what}: ${JSON.stringify(await cluster(), null, 1)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

const cluster = async () =>
  (await client.find({
    group: 'fleet.sluice.dev',
    version: 'v1alpha1',
    kind: 'EksctlCluster',
    namespace: 'flux-system',
    name: 'shop',
  })) as EksctlCluster | undefined

const ready = (revision?: string) =>
  until('the cluster to be Ready', async () => {
    const object = await cluster()
    const status = object?.status
    const good = status?.conditions?.some(one => one.type === 'Ready' && one.status === 'True')
    return good && (revision === undefined || status?.lastAppliedRevision?.endsWith(revision)) ? object : undefined
  })

async function files(): Promise<Record<string, string>> {
  const forge = createGitHubForge({ host: fixture.system.forge.url, token: fixture.system.token, userAgent: 'test' })
  const dir = await mkdtemp(join(tmpdir(), 'sluice-test-mirror-'))
  const mirror = await openMirror(dir)
  try {
    const { commit } = await mirror.fetch(forge.remote('acme', 'shop'), 'refs/heads/main')
    const found: Record<string, string> = {}
    const walk = async (folder: string): Promise<void> => {
      for (const entry of await mirror.tree(commit).list(folder)) {
        if (entry.kind === 'folder') await walk(entry.path)
        else found[entry.path] = String(await mirror.tree(commit).read(entry.path))
      }
    }
    await walk('')
    return found
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

describe('an eksctl cluster', () => {
  it('is brought into Git beside the synced path, byte for byte, and nothing trips over it', async () => {
    const run = await bootstrap()
    expect(run.code, run.stderr).toBe(0)
    const found = await files()
    expect(Object.keys(found)).toEqual([
      'clusters/shop/eksctl-system/cluster.yaml',
      'clusters/shop/eksctl-system/crd.yaml',
      'clusters/shop/eksctl-system/kustomization.yaml',
      'clusters/shop/flux-system/gotk-components.yaml',
      'clusters/shop/flux-system/gotk-sync.yaml',
      'clusters/shop/flux-system/kustomization.yaml',
      'eksctl/shop.yaml',
    ])
    expect(found['eksctl/shop.yaml']).toBe(await readFile(example, 'utf8'))
    expect((await cluster())?.spec).toMatchObject({
      configPath: 'eksctl/shop.yaml',
      missing: 'Report',
      extra: 'Report',
    })
    const again = await bootstrap()
    expect(again.code, again.stderr).toBe(0)
    expect(await files()).toEqual(found)
  })

  it('may be kept at the root of the repository: the folder with its file lists what is applied', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-spec-'))
    ends.push(() => rm(dir, { recursive: true, force: true }))
    const file = join(dir, 'c.yaml')
    await writeFile(file, (await readFile(example, 'utf8')).replace(/ {6}path: .*\n/, ''))
    const run = await runSluice(['enable', 'flux', '-f', file, '--yes', ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    expect(await files()).toHaveProperty('eksctl-system/cluster-config.yaml')
    expect((await cluster())?.spec.configPath).toBe('eksctl-system/cluster-config.yaml')
  })

  it('has node groups that follow Git, is shown, and is scaled by commit', async () => {
    expect((await bootstrap()).code).toBe(0)
    follow()
    const object = await ready()
    expect(object.status?.groups).toMatchObject([
      { name: 'web', state: 'InSync', live: { min: 1, max: 5, desired: 2 } },
      { name: 'batch', state: 'InSync', live: { min: 0, max: 10, desired: 7 } },
      { name: 'legacy', state: 'InSync' },
    ])
    const shown = await runSluice(['get', 'clusters', '-o', 'json', ...fixture.args])
    expect(JSON.parse(shown.stdout).items).toMatchObject([
      { name: 'shop', health: 'Ready', wanted: 10, ready: 10, kubernetesVersion: '1.33' },
    ])
    const scaled = await runSluice(['scale', 'shop', 'web=4', 'legacy=2', ...fixture.args])
    expect(scaled.code, scaled.stderr).toBe(0)
    expect(scaled.stdout).toContain('web 2 → 4, legacy 1 → 2')
    expect((await files())['eksctl/shop.yaml']).toBe(
      (await readFile(example, 'utf8'))
        .replace('desiredCapacity: 2 #', 'desiredCapacity: 4 #')
        .replace('desiredCapacity: 1', 'desiredCapacity: 2'),
    )
    expect(aws.state.clusters.get('shop')?.get('web')?.scaling).toEqual(scaling(1, 5, 4))
    for (const [argument, text] of [
      ['web=9', '--nodes=9'],
      ['batch=3', 'the autoscaler sizes between 0 and 10'],
      ['nope=1', 'expected web, batch, legacy'],
    ] as const) {
      const refused = await runSluice(['scale', 'shop', argument, ...fixture.args])
      expect(refused.code, argument).not.toBe(0)
      expect(refused.stderr, argument).toContain(text)
    }
    // Somebody turns a knob in the console: the next request puts it back.
    aws.admin.setScaling('shop', 'web', scaling(1, 5, 1))
    const requestedAt = { 'reconcile.fluxcd.io/requestedAt': 'now' }
    await client.patch(
      { group: 'fleet.sluice.dev', version: 'v1alpha1', kind: 'EksctlCluster', namespace: 'flux-system', name: 'shop' },
      'merge',
      { metadata: { annotations: requestedAt } },
    )
    await until('the drift to be corrected', async () =>
      aws.state.clusters.get('shop')?.get('web')?.scaling.desiredSize === 4 ? true : undefined,
    )
    const { items } = await client.list({ group: '', version: 'v1', kind: 'Event' }, { namespace: 'flux-system' })
    const reasons = items.filter(one => one['involvedObject'] && String(one['reason']).startsWith('Group'))
    expect(reasons.map(one => one['reason'])).toEqual(expect.arrayContaining(['GroupUpdating', 'GroupInSync']))
  })

  it.each(['before:nodegroups.update', 'after:nodegroups.update'])(
    'whose reconciler is killed %s gets each update once',
    async fault => {
      expect((await bootstrap()).code).toBe(0)
      expect(await follow({ SLUICE_FAULT: fault }).ended).toBe('SIGKILL')
      follow()
      await ready()
      expect(aws.state.clusters.get('shop')?.get('web')?.updates).toHaveLength(1)
      expect(aws.state.clusters.get('shop')?.get('web')?.scaling).toEqual(scaling(1, 5, 2))
      expect(aws.calls.filter(call => call.action === 'autoscaling:UpdateAutoScalingGroup')).toEqual([])
    },
  )

  it('is refused while Flux v1 runs', async () => {
    await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'weave' } }, { fieldManager: 'test' })
    const labels = { app: 'flux' }
    await client.apply(
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'flux', namespace: 'weave' },
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'flux', image: 'flux' }] } },
        },
      },
      { fieldManager: 'test' },
    )
    const run = await bootstrap()
    expect(run.code).toBe(5)
    expect(run.stderr).toContain('the cluster runs Flux v1')
    expect(run.stderr).toContain('Migrate off Flux v1')
  })

  const refusals: readonly (readonly [string, (text: string) => string, string])[] = [
    ['without gitops', text => text.slice(0, text.indexOf('gitops:')), 'Add gitops.flux with gitProvider: github'],
    [
      'on Outposts',
      text => `${text}outpost: {controlPlaneOutpostARN: "arn:aws:outposts:x"}\n`,
      'not supported on Outposts',
    ],
    ['with a flag that flux does not have', text => text.replace('branch:', 'brnach:'), 'did you mean branch?'],
    [
      'with another provider',
      text => text.replace('gitProvider: github', 'gitProvider: gitlab'),
      'expected github, seen gitlab',
    ],
  ]
  it.each(refusals)('%s is refused before anything is written', async (_, change, text) => {
    const run = await runSluice(['bootstrap', '-f', '-', '--yes', ...fixture.args], {
      stdin: change(await readFile(example, 'utf8')),
    })
    expect(run.code).not.toBe(0)
    expect(run.stderr).toContain(text)
    expect(await cluster().catch(() => undefined)).toBeUndefined()
  })
})
