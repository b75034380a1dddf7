import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGitHubForge } from '../../src/forges/index.ts'
import { openMirror, writeFiles } from '../../src/git/index.ts'
import { parseYaml } from '../../src/kube/yaml/index.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const kustomization = (name: string, more = '') => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 10m
  timeout: 1m
  path: ./apps/${name}
  prune: true
  wait: true
  sourceRef: {kind: GitRepository, name: flux-system}
${more}`

const web = `# the shop's front
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: default
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          # nobody has built this one
          image: registry.example.com/web:1.4-imagepullbackoff
`

describe('what the commands tell about a fleet', () => {
  let fixture: LocalFixture

  beforeAll(async () => {
    fixture = await startFixture()
    const up = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args])
    expect(up.code, up.stderr).toBe(0)
    await push({
      'clusters/mgmt/apps.yaml': [
        kustomization(
          'shop',
          '  postBuild: {substitute: {tier: gold}, substituteFrom: [{kind: Secret, name: vars, optional: true}]}\n',
        ),
        kustomization('after', '  dependsOn: [{name: shop}]\n'),
        kustomization('round', '  dependsOn: [{name: about}]\n'),
        kustomization('about', '  dependsOn: [{name: round}]\n'),
      ].join('---\n'),
      'apps/shop/web.yaml': web,
      'apps/after/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: after, namespace: default}\n',
      'apps/round/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: round, namespace: default}\n',
      'apps/about/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: about, namespace: default}\n',
    })
    await fixture.system.client.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'vars', namespace: 'flux-system' },
      data: { password: Buffer.from('hunter2-and-more').toString('base64') },
    })
    await until(async () =>
      (await sluice('why', 'deployment/web', '-n', 'default', '--no-git')).stdout.includes('image'),
    )
  })
  afterAll(() => fixture.close())

  const sluice = (...args: string[]) => runSluice([...args, ...fixture.args])
  async function push(files: Record<string, string>): Promise<void> {
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-mirror-'))
    const mirror = await openMirror(dir)
    const forge = createGitHubForge({ host: fixture.system.forge.url, token: fixture.system.token, userAgent: 'test' })
    const changes = Object.entries(files).map(([path, content]) => ({ path, content }))
    const author = { name: 'Somebody', email: 'somebody@example.com' }
    await writeFiles({
      mirror,
      remote: forge.remote('acme', 'fleet'),
      branch: 'main',
      changes,
      message: 'Apps\n',
      author,
    })
    await mirror.close()
    await forge.close()
    await rm(dir, { recursive: true, force: true })
  }
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 60; tries++) {
      if (await holds()) return
      await new Promise(go => setTimeout(go, 250))
    }
    throw new Error('it did not come true')
  }

  it('why names the object, the field and the line in Git of an image that cannot be pulled', async () => {
    const run = await sluice('why', 'kustomization', 'shop')
    expect(run.code, run.stderr).toBe(1)
    expect(run.stdout).toContain('Deployment/default/web')
    expect(run.stdout).toContain('cannot pull the image registry.example.com/web:1.4-imagepullbackoff')
    expect(run.stdout).toContain(
      'spec.template.spec.containers[0].image = registry.example.com/web:1.4-imagepullbackoff',
    )
    expect(run.stdout).toMatch(/in Git\s+apps\/shop\/web\.yaml:16 at [0-9a-f]{7}/)
  })

  it('why follows dependsOn to the cause, and says when it goes round', async () => {
    const after = await sluice('why', 'ks/after', '-o', 'json')
    const told = JSON.parse(after.stdout) as { sentence: string; culprit: { kind: string; name: string } }
    expect(told.sentence).toContain('Kustomization/flux-system/after waits for Kustomization/flux-system/shop')
    expect(told.culprit).toMatchObject({ kind: 'Deployment', name: 'web' })
    const round = await sluice('why', 'ks/round', '--no-git')
    expect(round.stdout).toContain('go round in a circle')
    expect(round.stdout).toContain('spec.dependsOn')
  })

  it('why says that a healthy object is ready, and that a suspended one is suspended', async () => {
    const source = await sluice('why', 'source/flux-system')
    expect([source.code, source.stdout]).toEqual([0, '✔ GitRepository/flux-system/flux-system is ready.\n'])
    await sluice('suspend', 'source', 'flux-system')
    const suspended = await sluice('why', 'source', 'flux-system', '--no-git')
    expect(suspended.stdout).toContain('is suspended')
    expect(suspended.stdout).toContain('sluice resume gitrepository flux-system -n flux-system')
    await sluice('resume', 'source', 'flux-system')
  })

  it('tree shows what a Kustomization put into the cluster, with the Kustomizations below it', async () => {
    const tree = await sluice('tree', 'kustomization', 'flux-system')
    expect(tree.code, tree.stderr).toBe(0)
    expect(tree.stdout).toMatch(/├── . Kustomization\/flux-system\/shop/)
    expect(tree.stdout).toMatch(/└── . Deployment\/default\/web/)
    const names = await sluice('tree', 'ks/shop', '-o', 'name')
    expect(names.stdout).toBe('Kustomization/flux-system/shop\nDeployment/default/web\n')
  })

  it('trace leads from a Pod back to the commit', async () => {
    const pods = await fixture.system.client.list({ group: '', version: 'v1', kind: 'Pod' }, { namespace: 'default' })
    const pod = pods.items.find(one => one.metadata.name?.startsWith('web-'))
    const trace = await sluice('trace', `pod/${pod?.metadata.name}`, '-n', 'default')
    expect(trace.code, trace.stderr).toBe(0)
    expect(trace.stdout).toContain('Managed by Kustomization/flux-system/shop')
    expect(trace.stdout).toMatch(/GitRepository:\s+flux-system\/flux-system/)
    expect(trace.stdout).toMatch(/Revision:\s+main@sha1:[0-9a-f]{40}/)
  })

  it('stats counts, export gives what can be committed again, debug hides the values of Secrets', async () => {
    const stats = await sluice('stats', '-o', 'json')
    const rows = (JSON.parse(stats.stdout) as { items: { kind: string; running: number }[] }).items
    expect(rows.find(row => row.kind === 'GitRepository')).toMatchObject({ running: 1, failing: 0, suspended: 0 })
    const exported = await sluice('export', 'kustomization', 'shop')
    expect(parseYaml(exported.stdout.replace(/^---\n/, ''))).toEqual({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'shop', namespace: 'flux-system' },
      spec: expect.objectContaining({ path: './apps/shop', prune: true }),
    })
    const debug = await sluice('debug', 'kustomization', 'shop')
    expect(debug.stdout).toMatch(/password +\*\*\* +Secret\/flux-system\/vars/)
    expect(debug.stdout).toMatch(/tier +gold +spec\.postBuild\.substitute/)
    expect(debug.stdout + debug.stderr).not.toContain('hunter2')
    const open = await sluice('debug', 'kustomization', 'shop', '--show-secrets')
    expect(open.stdout).toContain('hunter2-and-more')
  })

  it('debug shows the values of a HelmRelease as they are merged, without those of Secrets', async () => {
    const { client } = fixture.system
    const data = { 'values.yaml': Buffer.from('db: {password: correct-horse, host: a}\n').toString('base64') }
    await client.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', namespace: 'flux-system' }, data })
    await client.create({
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'web', namespace: 'flux-system' },
      spec: {
        interval: '10m',
        suspend: true,
        chartRef: { kind: 'OCIRepository', name: 'web' },
        valuesFrom: [{ kind: 'Secret', name: 'db' }],
        values: { replicas: 2, db: { host: 'b' } },
      },
    })
    const run = await sluice('debug', 'helmrelease', 'web', '-o', 'json')
    expect(JSON.parse(run.stdout)).toEqual({ values: { replicas: 2, db: { password: '***', host: 'b' } }, history: [] })
    expect(run.stdout + run.stderr).not.toContain('correct-horse')
    expect((await sluice('debug', 'hr', 'web', '--show-secrets')).stdout).toContain('correct-horse')
  })

  it('diff looks at one Kustomization when it is named, and says when there is none', async () => {
    const none = await sluice('diff', 'kustomization', 'nothing', '--revision', 'main')
    expect(none.stderr).toContain('E_FLEET_KUSTOMIZATION_UNKNOWN')
    expect(none.stderr).toContain('flux-system/shop')
    const one = await sluice('diff', 'ks/after', '--revision', 'main', '-o', 'json')
    const { kustomizations } = JSON.parse(one.stdout) as { kustomizations: { kustomization: string }[] }
    expect(kustomizations.map(each => each.kustomization)).toEqual(['flux-system/after'])
    expect((await sluice('diff', 'gitrepository', 'fleet')).code).toBe(2)
  })

  it('logs shows what an engine of the data folder wrote, by object and level', async () => {
    const folder = join(fixture.dataDir, 'logs')
    await mkdir(folder, { recursive: true })
    const line = (level: string, name: string, msg: string) =>
      `${JSON.stringify({ level, ts: '2026-08-07T10:00:00.000Z', msg, controllerKind: 'Kustomization', name, namespace: 'flux-system' })}\n`
    await writeFile(
      join(folder, 'engine.log'),
      line('info', 'shop', 'Applied') + line('error', 'after', 'build failed'),
    )
    expect((await sluice('logs')).stdout.split('\n')).toHaveLength(3)
    const errors = await sluice('logs', '--level', 'error', '--kind', 'kustomization')
    expect(errors.stdout).toBe('2026-08-07T10:00:00.000Z error Kustomization/after.flux-system - build failed\n')
    expect((await sluice('logs', '--name', 'shop', '-o', 'json')).stdout).toContain('"message":"Applied"')
  })

  it('says which kinds there are when a word names none', async () => {
    const run = await sluice('tree', 'widget', 'x')
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('helmrelease')
  })
})
