import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from '../../sandbox/cluster/start.ts'
import { createKubeClient } from './kube-client.ts'
import { loadKubeConfig } from './kubeconfig/load.ts'
import { isAlreadyExists, isConflict, statusOf } from './status.ts'
import type { KubeClient } from './types.ts'

const ref = (name: string) => ({ group: '', version: 'v1', kind: 'ConfigMap', namespace: 'default', name })
const configMap = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
})

describe('a client of a whole API server, from its kubeconfig', () => {
  let folder = ''
  let cluster: SandboxCluster
  let client: KubeClient

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-client-'))
    cluster = await startCluster()
    const path = join(folder, 'kubeconfig')
    writeFileSync(path, cluster.kubeconfig(), { mode: 0o600 })
    client = createKubeClient(await loadKubeConfig({ path, env: {} }), { userAgent: 'test/1' })
  })
  afterAll(async () => {
    await client?.close()
    await cluster?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('creates, reads, changes and deletes', async () => {
    const made = await client.create(configMap('crud', { a: '1' }), { fieldManager: 't' })
    expect(await client.get(ref('crud'))).toEqual(made)
    await expect(client.create(configMap('crud', {}))).rejects.toSatisfy(isAlreadyExists)
    const changed = await client.patch(ref('crud'), 'merge', { data: { b: '2' } })
    expect(changed['data']).toEqual({ a: '1', b: '2' })
    await expect(client.replace({ ...made, data: {} })).rejects.toSatisfy(isConflict)
    expect(await client.delete(ref('crud'), { preconditions: { uid: made.metadata.uid as string } })).toBe(true)
    expect(await client.delete(ref('crud'))).toBe(false)
  })

  it('applies, names the owners of fields in a conflict, and takes them by force', async () => {
    await client.apply(configMap('apply', { a: '1' }), { fieldManager: 'one' })
    const conflict = client.apply(configMap('apply', { a: '2' }), { fieldManager: 'two' })
    await expect(conflict).rejects.toSatisfy(isConflict)
    const causes = statusOf(await conflict.catch((error: unknown) => error))?.details?.causes
    expect(causes).toEqual([expect.objectContaining({ field: '.data.a', message: expect.stringContaining('"one"') })])
    const dry = await client.apply(configMap('apply', { a: '2' }), { fieldManager: 'two', force: true, dryRun: true })
    expect(dry['data']).toEqual({ a: '2' })
    expect((await client.get(ref('apply')))['data']).toEqual({ a: '1' })
    expect((await client.apply(configMap('apply', { a: '2' }), { fieldManager: 'two', force: true }))['data']).toEqual({
      a: '2',
    })
  })

  it('lists in pages and by label', async () => {
    await Promise.all(
      Array.from({ length: 25 }, (_, i) => {
        const object = configMap(`page-${i}`, {})
        return client.apply(
          { ...object, metadata: { ...object.metadata, labels: { odd: String(i % 2) } } },
          { fieldManager: 't' },
        )
      }),
    )
    const { items, resourceVersion } = await client.list(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { namespace: 'default', labelSelector: 'odd', limit: 4 },
    )
    expect(new Set(items.map(item => item.metadata.name)).size).toBe(25)
    expect(resourceVersion).toMatch(/^[0-9]+$/)
    expect((await client.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { labelSelector: 'odd=1' })).items).toHaveLength(
      12,
    )
  })

  it('is refused with a wrong token, and is told what to do', async () => {
    const path = join(folder, 'wrong')
    writeFileSync(path, cluster.kubeconfig().replace(/token: .*/, 'token: wrong-token-0123456789'))
    const stranger = createKubeClient(await loadKubeConfig({ path, env: {} }), { userAgent: 'test/1' })
    await expect(stranger.get(ref('apply'))).rejects.toMatchObject({ code: 'E_KUBE_UNAUTHORIZED', exitCode: 4 })
    await stranger.close()
  })
})
