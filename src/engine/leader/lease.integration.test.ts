import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import { createKubeClient, fixedCredentials } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { Lease } from './lease.ts'

const ref = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  namespace: 'kube-system',
  name: 'sluice-engine',
}
const times = { durationMs: 15_000, retryMs: 2000 }

describe('a Lease whose taking was cut off after the server had it', () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>
  let client: KubeClient
  beforeEach(async () => {
    cluster = await startCluster()
    const access = { name: 'test', server: cluster.url, namespace: 'default' }
    const credentials = fixedCredentials({ token: cluster.adminToken })
    client = createKubeClient(
      { ...access, tls: { ca: cluster.caPem, insecure: false }, credentials },
      { userAgent: 'test' },
    )
  })
  afterEach(async () => {
    await client.close()
    await cluster.close()
  })

  const holder = async () =>
    ((await client.find(ref))?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity
  const leaseBy = (identity: string, by: KubeClient) =>
    new Lease(by, systemClock, silentLogger, { namespace: ref.namespace, name: ref.name, identity, ...times })

  test.each(['create', 'replace'] as const)('is given back all the same (%s)', async verb => {
    if (verb === 'replace') {
      const before = leaseBy('before', client)
      await before.acquire(new AbortController().signal)
      await before.release()
    }
    const stop = new AbortController()
    const write = async (object: KubeObject, options: object) => {
      const written = await client[verb](object, { ...options, signal: new AbortController().signal })
      if (stop.signal.aborted) return written
      stop.abort(new DOMException('Flux acts here', 'AbortError'))
      throw stop.signal.reason
    }
    const cutOff: KubeClient = {
      ...client,
      find: (which, options) => client.find(which, options),
      create: (object, options) => client.create(object, options),
      replace: (object, options) => client.replace(object, options),
      [verb]: write,
    }
    const lease = leaseBy('ours', cutOff)
    await expect(lease.acquire(stop.signal)).rejects.toThrow('Flux acts here')
    expect(await holder()).toBe('ours')
    await lease.release()
    expect(await holder()).toBe('')
  })

  test('that somebody else holds is left alone', async () => {
    await leaseBy('theirs', client).acquire(new AbortController().signal)
    const ours = leaseBy('ours', client)
    const stop = new AbortController()
    const waiting = ours.acquire(stop.signal)
    stop.abort(new DOMException('closed', 'AbortError'))
    await expect(waiting).rejects.toThrow('closed')
    await ours.release()
    expect(await holder()).toBe('theirs')
  })
})
