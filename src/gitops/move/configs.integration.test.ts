import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { memoryTree } from '../../base/file-tree.ts'
import { createKubeClient, loadKubeConfig } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { parseObjects } from '../../kube/yaml/index.ts'
import { type SandboxCluster, startCluster } from '../../sandbox/cluster/start.ts'
import { eksaAdmission, installEksaCrds } from '../../sandbox/machines/index.ts'
import { configChanges, editConfigs } from './configs.ts'

const file = 'clusters/m/m/eksa-system/eksa-cluster.yaml'
const text = `apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata:
  name: m
  namespace: default
spec:
  kubernetesVersion: "1.32"
---
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: FluxConfig
metadata:
  name: m
  namespace: default
spec:
  branch: main # ours
  clusterConfigPath: clusters/m
  github:
    owner: acme
    repository: fleet
  systemNamespace: flux-system
`
const to = {
  url: 'https://git.example.com/acme/fleet.git',
  branch: 'production',
  path: 'clusters/m',
  interval: '1m0s',
  syncInterval: '10m0s',
  secret: 'flux-system',
}

describe.each([
  ['whose webhook forbids it', true],
  ['that has no such webhook', false],
])('a FluxConfig in a cluster %s', (_, forbids) => {
  let dir: string
  let cluster: SandboxCluster
  let client: KubeClient
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-test-'))
    const kubeconfigPath = join(dir, 'kubeconfig')
    cluster = await startCluster({
      dataDir: join(dir, 'cluster'),
      kubeconfigPath,
      admission: forbids ? [eksaAdmission()] : [],
    })
    client = createKubeClient(await loadKubeConfig({ path: kubeconfigPath, env: {} }), { userAgent: 'test' })
    await installEksaCrds(client, {})
    const config = parseObjects(text).find(object => object.kind === 'FluxConfig')!
    await client.apply(config, { fieldManager: 'kustomize-controller' })
  })
  afterAll(async () => {
    await client.close()
    await cluster.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('is changed in Git exactly where the cluster takes the change, and the cluster is not touched', async () => {
    const place = { path: 'clusters/m', namespace: 'flux-system' }
    const changes = await configChanges(
      client,
      memoryTree({ [file]: text }),
      place,
      { to },
      new AbortController().signal,
    )
    expect(changes.notes).toEqual(forbids ? [expect.stringContaining('config is immutable')] : [])
    const after = editConfigs(text, changes)
    if (forbids) expect(after).toBe(text)
    else expect(after).toContain('branch: production')
    expect(after).toContain('kubernetesVersion: "1.32"')
    const ref = {
      group: 'anywhere.eks.amazonaws.com',
      version: 'v1alpha1',
      kind: 'FluxConfig',
      namespace: 'default',
      name: 'm',
    }
    expect((await client.get(ref))['spec']).toMatchObject({ branch: 'main' })
  })
})
