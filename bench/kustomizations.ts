import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import { silentLogger } from '../src/base/log.ts'
import { version } from '../src/base/version.ts'
import { singleTenant, startEngine } from '../src/engine/index.ts'
import { openMirror, writeFiles } from '../src/git/index.ts'
import { createKubeClient, loadKubeConfig } from '../src/kube/client/index.ts'
import type { KubeClient } from '../src/kube/client/types.ts'
import { conditionOf } from '../src/kube/condition.ts'
import type { KubeObject } from '../src/kube/object.ts'
import { createInformer } from '../src/kube/watch/index.ts'
import { stringifyYaml } from '../src/kube/yaml/index.ts'
import { startCluster } from '../src/sandbox/cluster/start.ts'
import { startForge } from '../src/sandbox/forge/index.ts'
import { fluxKinds } from '../src/specs/index.ts'
import { inParallel } from './stats.ts'
import type { Benchmark } from './types.ts'

const count = 100
const width = 20

/** From nothing to Ready, held against a bare client that applies the same objects to the same server. */
export const kustomizationsBench: Benchmark = {
  name: 'kustomizations',
  about: '100 Kustomizations × 4 objects in one repository, from nothing to Ready, beside a bare client',
  async run({ note, scale, signal }) {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-bench-'))
    const apps = Array.from(
      { length: Math.max(5, Math.round(count * scale)) },
      (_, i) => `app-${String(i).padStart(3, '0')}`,
    )
    const kubeconfigPath = join(dataDir, 'kubeconfig')
    const cluster = await startCluster({ dataDir: join(dataDir, 'cluster'), kubeconfigPath })
    const forge = await startForge({ dataDir: join(dataDir, 'forge') })
    const access = await loadKubeConfig({ path: kubeconfigPath, env: {} })
    const client = createKubeClient(access, { userAgent: `sluice-bench/${version}`, connections: width })
    try {
      for (const kind of fluxKinds) await client.apply(kind.crd(), { fieldManager: 'bench' })
      client.invalidateDiscovery()
      note(`bare client: ${apps.length} × 4 objects, ${width} at a time`)
      const bare = await timed(() => applyBare(client, apps))
      const noChange = await timed(() => applyBare(client, apps))
      const url = await seedRepository(forge, dataDir, apps)
      note('engine: the same objects from Git')
      const engine = await startEngine({
        client,
        dataDir: join(dataDir, 'engine'),
        clock: systemClock,
        logger: silentLogger,
        // As the bare client: with the rights of the kubeconfig.
        tenancy: singleTenant,
      })
      const ready = waitReady(client, apps.length, signal)
      const elapsed = await timed(async () => {
        await client.apply(namespace('fleet'), { fieldManager: 'bench' })
        await client.apply(source(url), { fieldManager: 'bench' })
        await inParallel(apps, width, app => client.apply(kustomization(app), { fieldManager: 'bench' }))
        await ready
      })
      await engine.close()
      return [
        { name: `bare client, ${apps.length * 4} objects`, value: bare, unit: 'ms' },
        { name: 'bare client, no change', value: noChange, unit: 'ms' },
        {
          name: `${apps.length} Kustomizations to Ready`,
          value: elapsed,
          unit: 'ms',
          against: { name: 'bare client', ratio: elapsed / bare },
        },
      ]
    } finally {
      await client.close()
      await forge.close()
      await cluster.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function objectsOf(app: string, ns: string): KubeObject[] {
  const metadata = { name: app, namespace: ns }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { app, mode: 'bench' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
    },
  ]
}

async function applyBare(client: KubeClient, apps: readonly string[]): Promise<void> {
  await client.apply(namespace('bare'), { fieldManager: 'bench' })
  await inParallel(apps, width, async app => {
    for (const object of objectsOf(app, 'bare')) await client.apply(object, { fieldManager: 'bench', force: true })
  })
}

async function seedRepository(
  forge: Awaited<ReturnType<typeof startForge>>,
  dataDir: string,
  apps: readonly string[],
): Promise<string> {
  forge.admin.createUser({ login: 'octo' })
  await forge.admin.createRepository({ owner: 'octo', name: 'apps', private: false })
  const token = forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'] })
  const url = `${forge.url}/octo/apps.git`
  const mirror = await openMirror(join(dataDir, 'seed'))
  try {
    await writeFiles({
      mirror,
      remote: { url, auth: { kind: 'basic', username: 'octo', password: token } },
      branch: 'main',
      changes: apps.map(app => ({
        path: `apps/${app}/all.yaml`,
        content: objectsOf(app, 'fleet').map(stringifyYaml).join('---\n'),
      })),
      message: 'Add the apps\n',
      author: { name: 'bench', email: 'bench@example.com' },
    })
  } finally {
    await mirror.close()
  }
  return url
}

function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function source(url: string): KubeObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'apps', namespace: 'fleet' },
    spec: { interval: '10m', url, ref: { branch: 'main' } },
  }
}

function kustomization(app: string): KubeObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: app, namespace: 'fleet' },
    spec: {
      interval: '10m',
      path: `./apps/${app}`,
      prune: true,
      wait: true,
      timeout: '1m',
      sourceRef: { kind: 'GitRepository', name: 'apps' },
    },
  }
}

async function waitReady(client: KubeClient, wanted: number, signal: AbortSignal): Promise<void> {
  const informer = createInformer(
    client,
    { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' },
    {},
    { clock: systemClock },
  )
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('not Ready within 120 s')), 120_000)
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      informer.subscribe(() => {
        const ready = informer.list().filter(one => conditionOf(one, 'Ready')?.status === 'True').length
        if (ready < wanted) return
        clearTimeout(timer)
        resolve()
      })
    })
  } finally {
    informer.stop()
  }
}
