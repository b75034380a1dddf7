import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startBareCluster } from '../../../test/harness/bare-cluster.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/log.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { BootstrapContext } from '../types.ts'
import { waitAtRest } from './wait.ts'

const namespace = 'flux-system'
const name = 'kustomize-controller'
const apps = { group: 'apps', version: 'v1', namespace }
const deployment = { ...apps, kind: 'Deployment', name }
const set = { ...apps, kind: 'ReplicaSet', name: `${name}-1` }
const pod = { group: '', version: 'v1', kind: 'Pod', namespace, name: `${name}-1-a` }
const podSpec = { containers: [{ name: 'manager', image: 'x' }] }
const template = { metadata: { labels: { app: name } }, spec: podSpec }
const selector = { matchLabels: { app: name } }

// An API server without controllers: this test does what they do, as slowly as it likes.
describe('a Deployment that is scaled to 0', () => {
  let cluster: Awaited<ReturnType<typeof startBareCluster>>
  let client: KubeClient
  beforeEach(async () => {
    cluster = await startBareCluster(namespace)
    client = cluster.client
    await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'default' } })
  })
  afterEach(async () => {
    await cluster.close()
  })

  const status = (ref: typeof set, what: object) =>
    client.patch(ref, 'merge', { status: what }, { subresource: 'status' })

  it('is at rest when its pods are gone and none can come any more, not when there is none yet', async () => {
    await client.create({
      ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace, name } },
      spec: { replicas: 1, selector, template },
    })
    // Started a moment ago: its controller has seen 1, and not yet 0. There is no pod.
    await status(deployment, { observedGeneration: 1 })
    const live = await client.patch(deployment, 'merge', { spec: { replicas: 0 } })

    const said: string[] = []
    const heard = new Set<() => void>()
    const waitsFor = (words: string) =>
      new Promise<void>(resolve => {
        const look = () => {
          if (said.some(text => text.includes(words))) resolve()
        }
        heard.add(look)
        look()
      })
    const context = {
      ...{ client, clock: systemClock, logger: silentLogger, timeoutMs: 30_000 },
      fleet: { namespace },
      signal: new AbortController().signal,
      onEvent: (event: { text?: string }) => {
        said.push(event.text ?? '')
        for (const look of heard) look()
      },
    } as unknown as BootstrapContext
    let rests = false
    const waiting = waitAtRest(context, [live]).then(() => (rests = true))
    await waitsFor(`Deployment ${name} to be scaled down`)

    // Only now what was asked for first is done.
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: live.metadata.uid, controller: true }
    await client.create({
      ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet' },
      metadata: { namespace, name: set.name, labels: { app: name }, ownerReferences: [owner] },
      spec: { replicas: 1, selector, template },
    } as KubeObject)
    await client.patch(set, 'merge', { spec: { replicas: 0 } })
    await status(deployment, { observedGeneration: live.metadata.generation })
    await waitsFor(`ReplicaSet ${set.name} to be scaled down`)
    await client.create({
      ...{ apiVersion: 'v1', kind: 'Pod' },
      metadata: { namespace, name: pod.name, labels: { app: name }, finalizers: ['example.com/runs'] },
      spec: podSpec,
    })
    await client.delete(pod)
    await status(set, { observedGeneration: 2, replicas: 0 })
    await waitsFor(`the pod ${pod.name} to end`)
    expect(rests).toBe(false)
    await client.patch(pod, 'merge', { metadata: { finalizers: null } })
    await waiting
  })
})
