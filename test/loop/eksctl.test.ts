import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGitHubForge } from '../../src/forges/index.ts'
import { openMirror } from '../../src/git/index.ts'
import type { SandboxAws } from '../../src/sandbox/aws/index.ts'
import { EksctlFixture, eksctlExample, shopRef } from '../harness/eksctl-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

let eksctl: EksctlFixture
let aws: SandboxAws
let args: readonly string[]

beforeEach(async () => {
  eksctl = await EksctlFixture.start()
  aws = eksctl.aws
  args = eksctl.local.args
  aws.admin.addManaged('shop', 'web', scaling(1, 3, 1), { stack: true })
  aws.admin.addManaged('shop', 'batch', scaling(0, 10, 7), { stack: true })
  aws.admin.addSelfManaged('shop', 'legacy', scaling(1, 1, 1))
})

afterEach(() => eksctl.close())

async function files(): Promise<Record<string, string>> {
  const forge = createGitHubForge({
    host: eksctl.local.system.forge.url,
    token: eksctl.local.system.token,
    userAgent: 'test',
  })
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
    const run = await eksctl.bootstrap()
    expect(run.code, run.stderr).toBe(0)
    const found = await files()
    expect(Object.keys(found)).toEqual([
      '.sluice.json',
      'clusters/shop/eksctl-system/cluster.yaml',
      'clusters/shop/eksctl-system/crd.yaml',
      'clusters/shop/eksctl-system/kustomization.yaml',
      'clusters/shop/flux-system/gotk-components.yaml',
      'clusters/shop/flux-system/gotk-sync.yaml',
      'clusters/shop/flux-system/kustomization.yaml',
      'eksctl/shop.yaml',
    ])
    expect(found['eksctl/shop.yaml']).toBe(await readFile(eksctlExample, 'utf8'))
    expect((await eksctl.cluster())?.spec).toMatchObject({
      configPath: 'eksctl/shop.yaml',
      missing: 'Report',
      extra: 'Report',
    })
    const again = await eksctl.bootstrap()
    expect(again.code, again.stderr).toBe(0)
    expect(await files()).toEqual(found)
  })

  it('may be kept at the root of the repository: the folder with its file lists what is applied', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-spec-'))
    eksctl.after(() => rm(dir, { recursive: true, force: true }))
    const file = join(dir, 'c.yaml')
    await writeFile(file, (await readFile(eksctlExample, 'utf8')).replace(/ {6}path: .*\n/, ''))
    const run = await runSluice(['enable', 'flux', '-f', file, '--yes', ...args])
    expect(run.code, run.stderr).toBe(0)
    expect(await files()).toHaveProperty('eksctl-system/cluster-config.yaml')
    expect((await eksctl.cluster())?.spec.configPath).toBe('eksctl-system/cluster-config.yaml')
  })

  it('has node groups that follow Git, is shown, and is scaled by commit', async () => {
    expect((await eksctl.bootstrap()).code).toBe(0)
    eksctl.follow()
    const object = await eksctl.ready()
    expect(object.status?.groups).toMatchObject([
      { name: 'web', state: 'InSync', live: { min: 1, max: 5, desired: 2 } },
      { name: 'batch', state: 'InSync', live: { min: 0, max: 10, desired: 7 } },
      { name: 'legacy', state: 'InSync' },
    ])
    const shown = await runSluice(['get', 'clusters', '-o', 'json', ...args])
    expect(JSON.parse(shown.stdout).items).toMatchObject([
      { name: 'shop', health: 'Ready', wanted: 10, ready: 10, kubernetesVersion: '1.33' },
    ])
    const scaled = await runSluice(['scale', 'shop', 'web=4', 'legacy=2', ...args])
    expect(scaled.code, scaled.stderr).toBe(0)
    expect(scaled.stdout).toContain('web 2 → 4, legacy 1 → 2')
    expect((await files())['eksctl/shop.yaml']).toBe(
      (await readFile(eksctlExample, 'utf8'))
        .replace('desiredCapacity: 2 #', 'desiredCapacity: 4 #')
        .replace('desiredCapacity: 1', 'desiredCapacity: 2'),
    )
    expect(aws.state.clusters.get('shop')?.get('web')?.scaling).toEqual(scaling(1, 5, 4))
    for (const [argument, text] of [
      ['web=9', '--nodes=9'],
      ['batch=3', 'the autoscaler sizes between 0 and 10'],
      ['nope=1', 'expected web, batch, legacy'],
    ] as const) {
      const refused = await runSluice(['scale', 'shop', argument, ...args])
      expect(refused.code, argument).not.toBe(0)
      expect(refused.stderr, argument).toContain(text)
    }
    // Somebody turns a knob in the console: the next request puts it back.
    aws.admin.setScaling('shop', 'web', scaling(1, 5, 1))
    const requestedAt = { 'reconcile.fluxcd.io/requestedAt': 'now' }
    await eksctl.client.patch(shopRef, 'merge', { metadata: { annotations: requestedAt } })
    await eksctl.until('the drift to be corrected', async () =>
      aws.state.clusters.get('shop')?.get('web')?.scaling.desiredSize === 4 ? true : undefined,
    )
    const { items } = await eksctl.client.list(
      { group: '', version: 'v1', kind: 'Event' },
      { namespace: 'flux-system' },
    )
    const reasons = items.filter(one => one['involvedObject'] && String(one['reason']).startsWith('Group'))
    expect(reasons.map(one => one['reason'])).toEqual(expect.arrayContaining(['GroupUpdating', 'GroupInSync']))
  })

  it('is scaled back, takes new bounds, and is edited, by commits', async () => {
    expect((await eksctl.bootstrap()).code).toBe(0)
    eksctl.follow()
    await eksctl.ready()
    const scaled = await runSluice(['scale', 'shop', 'web=4', 'legacy=2', ...args])
    expect(scaled.code, scaled.stderr).toBe(0)
    const undone = await runSluice(['scale', 'shop', '--revert', ...args])
    expect(undone.code, undone.stderr).toBe(0)
    expect(undone.stdout).toContain('web 4 → 2, legacy 2 → 1')
    expect((await files())['eksctl/shop.yaml']).toBe(await readFile(eksctlExample, 'utf8'))
    const bounds = await runSluice(['scale', 'shop', 'batch=1..8', ...args])
    expect(bounds.code, bounds.stderr).toBe(0)
    expect(bounds.stdout).toContain('batch 0..10 → 1..8')
    const edited = await runSluice(['edit', 'shop', ...args], { env: { EDITOR: "sed -i 's/maxSize: 8/maxSize: 9/'" } })
    expect(edited.code, edited.stderr).toBe(0)
    const rows = JSON.parse((await runSluice(['get', 'nodegroups', '--git', '-o', 'json', ...args])).stdout).items
    expect(rows.find((one: { name: string }) => one.name === 'batch')).toMatchObject({
      autoscaling: { min: 1, max: 9 },
      git: { size: { min: 1, max: 9 }, subject: 'Edit shop: batch from 1..8 to 1..9' },
    })
  })

  it.each(['before:nodegroups.update', 'after:nodegroups.update'])(
    'whose reconciler is killed %s gets each update once',
    async fault => {
      expect((await eksctl.bootstrap()).code).toBe(0)
      expect(await eksctl.follow({ SLUICE_FAULT: fault })).toBe('SIGKILL')
      eksctl.follow()
      await eksctl.ready()
      expect(aws.state.clusters.get('shop')?.get('web')?.updates).toHaveLength(1)
      expect(aws.state.clusters.get('shop')?.get('web')?.scaling).toEqual(scaling(1, 5, 2))
      expect(aws.calls.filter(call => call.action === 'autoscaling:UpdateAutoScalingGroup')).toEqual([])
    },
  )

  it('is refused while Flux v1 runs', async () => {
    await eksctl.client.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'weave' } },
      { fieldManager: 'test' },
    )
    const labels = { app: 'flux' }
    await eksctl.client.apply(
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
    const run = await eksctl.bootstrap()
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
      'with a provider that flux does not have',
      text => text.replace('gitProvider: github', 'gitProvider: gitlabb'),
      'did you mean gitlab?',
    ],
  ]
  it.each(refusals)('%s is refused before anything is written', async (_, change, text) => {
    const run = await runSluice(['bootstrap', '-f', '-', '--yes', ...args], {
      stdin: change(await readFile(eksctlExample, 'utf8')),
    })
    expect(run.code).not.toBe(0)
    expect(run.stderr).toContain(text)
    expect(await eksctl.cluster().catch(() => undefined)).toBeUndefined()
  })
})
