import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FleetRepository, fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type FluxStandIn, startFluxStandIn, writeFluxManifests } from '../harness/flux-stand-in.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('sluice bootstrap --engine flux', () => {
  let fixture: LocalFixture
  let flux: FluxStandIn
  let repository: FleetRepository
  let manifests = ''
  beforeAll(async () => {
    fixture = await startFixture()
    flux = await startFluxStandIn(fixture)
    repository = fleetRepositoryOf(fixture)
    manifests = await writeFluxManifests(fixture.dataDir)
  })
  afterAll(async () => {
    await flux.close()
    await fixture.close()
  })

  const bootstrap = (...args: string[]) =>
    runSluice([
      ...[
        'bootstrap',
        'github',
        '--owner',
        'acme',
        '--repository',
        'fleet',
        '--path',
        'clusters/prod',
        '--interval',
        '2s',
      ],
      ...args,
      ...fixture.args,
    ])
  const withFlux = (...args: string[]) => bootstrap('--engine', 'flux', '--flux-manifests', manifests, ...args)

  it.each<[string[], string]>([
    [['--engine', 'flux', '--flux-manifests', 'https://example.com/flux.yaml'], 'digest'],
    [['--engine', 'flux', '--flux-manifests', 'none.yaml'], 'none.yaml'],
    [['--engine', 'argo'], 'argo'],
    [['--registry', 'a.b'], '--engine flux'],
    [['--flux-manifests', 'x'], '--engine flux'],
  ])('%j is refused before anything is written', async (args, words) => {
    const refused = await bootstrap('--yes', ...args)
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(words)
    expect(await fixture.system.client.find(namespaceRef)).toBeUndefined()
  })

  it.each<[string[], string]>([
    [['--registry-creds', 'user:word'], '--registry-creds-file'],
    [['--registry-creds-file', 'creds'], '--image-pull-secret'],
    [['--components', 'helm-controller'], '--components'],
    [['--components-extra', 'source-watcher'], '--components-extra'],
    [['--version', 'v2.0.0'], '--version'],
    [['--log-level', 'loud'], '--log-level'],
  ])('refuses %j by name', async (args, words) => {
    const refused = await withFlux('--yes', ...args)
    expect([2, 3]).toContain(refused.code)
    expect(refused.stderr).toContain(words)
    expect(refused.stderr).not.toContain('user:word')
  })

  it('shows every file and object first', async () => {
    const plan = await withFlux('--dry-run')
    expect(plan.code, plan.stderr).toBe(0)
    expect(plan.stdout).toContain('+ clusters/prod/flux-system/gotk-components.yaml')
    expect(plan.stdout).toContain('+ Deployment/flux-system/kustomize-controller')
    expect(await fixture.system.client.find(namespaceRef)).toBeUndefined()
  })

  it('commits the components, waits for their rollout, and leaves the cluster to Flux', async () => {
    await writeFile(join(fixture.dataDir, 'creds'), 'robot:word\n', { mode: 0o600 })
    const options = ['--registry', 'mirror.example.com/fluxcd', '--image-pull-secret', 'pull']
    const creds = ['--registry-creds-file', join(fixture.dataDir, 'creds')]
    const done = await withFlux('--yes', '--toleration-keys', 'dedicated', ...options, ...creds)
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).not.toContain('No engine runs on this cluster')
    expect(done.stderr + done.stdout).not.toContain('robot:word')
    const components = await repository.read('clusters/prod/flux-system/gotk-components.yaml')
    expect(components).toContain('# Flux Version: v2.9.4\n')
    expect(components).toContain('image: mirror.example.com/fluxcd/source-controller:v1.9.4')
    expect(components).toContain('key: dedicated')
    expect(components).not.toMatch(/robot|kind: Secret/)
    const secret = await fixture.system.client.get({
      ...namespaceRef,
      kind: 'Secret',
      namespace: 'flux-system',
      name: 'pull',
    })
    expect(secret['type']).toBe('kubernetes.io/dockerconfigjson')
    expect(flux.acting).toBe(true)
    const lease = await fixture.system.client.find(leaseRef)
    expect((lease?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity ?? '').toBe('')
  })

  it('makes no commit when it is repeated, and one when Flux is upgraded', async () => {
    const options = [
      '--registry',
      'mirror.example.com/fluxcd',
      '--image-pull-secret',
      'pull',
      '--toleration-keys',
      'dedicated',
    ]
    const before = (await repository.log()).length
    const again = await withFlux('--yes', ...options)
    expect(again.code, again.stderr).toBe(0)
    expect((await repository.log()).length).toBe(before)
    const text = await readFile(manifests, 'utf8')
    await writeFile(manifests, text.replaceAll('v2.9.4', 'v2.9.5').replaceAll(':v1.9.4', ':v1.9.5'))
    const upgraded = await withFlux('--yes', ...options)
    expect(upgraded.code, upgraded.stderr).toBe(0)
    expect((await repository.log()).length).toBe(before + 1)
    const live = await fixture.system.client.get({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
      namespace: 'flux-system',
      name: 'source-controller',
    })
    expect(JSON.stringify(live)).toContain('mirror.example.com/fluxcd/source-controller:v1.9.5')
  })

  it('keeps Flux as Git has it when it is repeated without --engine flux', async () => {
    const again = await bootstrap('--dry-run')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stdout).not.toMatch(/[+~-] .*gotk-components\.yaml/)
    expect(again.stdout).not.toMatch(/[+~-] .*kustomize-controller/)
  })
})

const namespaceRef = { group: '', version: 'v1', kind: 'Namespace', namespace: '', name: 'flux-system' }
const leaseRef = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  namespace: 'kube-system',
  name: 'sluice-engine',
}
