import type { ClusterAccess } from '../src/kube/client/access.ts'
import { BenchClient, rate } from './cluster-client.ts'
import type { BenchContext, Figure } from './types.ts'

/** Requests a second of a kube-apiserver 1.36 with etcd on two cores, client included, at 1, 8 and 32 clients. */
const recorded: Readonly<Record<string, readonly [number, number, number]>> = {
  'apply ConfigMap, create': [137, 362, 540],
  'apply ConfigMap, no change': [175, 460, 463],
  'apply ConfigMap, change': [147, 416, 608],
  'apply Deployment, create': [120, 265, 379],
  'apply Deployment, no change': [105, 230, 236],
  GET: [366, 919, 1160],
  DELETE: [194, 583, 664],
}
const other = 'a recorded kube-apiserver 1.36'
const widths = [1, 8, 32]
const applyType = 'application/apply-patch+yaml'
const query = '?fieldManager=bench&force=true'

const configMap = (name: string, value: string) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'bench', labels: { app: 'bench' } },
    data: { value, 'settings.yaml': 'a: 1\nb: 2\nc: three\n' },
  })

const deployment = (name: string) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'bench', labels: { app: name } },
    spec: {
      // None, so that no controller of a real cluster has work with it.
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'web',
              image: 'nginx:1.27',
              ports: [{ name: 'http', containerPort: 8080 }],
              env: [{ name: 'LEVEL', value: 'info' }],
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 'http' } },
            },
          ],
        },
      },
    },
  })

/** Makes the namespace that the measurements write to, empty. */
export async function prepareNamespace(client: BenchClient): Promise<void> {
  await client.ask(
    'PATCH',
    `/api/v1/namespaces/bench${query}`,
    JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'bench' } }),
    applyType,
  )
}

/** Requests a second of each kind of request at 1, 8 and 32 clients. */
export async function measureLoad(access: ClusterAccess, { note, scale, signal }: BenchContext): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const [at, width] of widths.entries()) {
    const client = await BenchClient.open(access, width)
    try {
      await prepareNamespace(client)
      const count = Math.max(50, Math.round((width === 1 ? 1000 : 4000) * scale))
      const maps = (index: number) => `/api/v1/namespaces/bench/configmaps/c-${width}-${index}`
      const deployments = (index: number) => `/apis/apps/v1/namespaces/bench/deployments/d-${width}-${index}`
      const apply = (path: string, body: string) => client.ask('PATCH', `${path}${query}`, body, applyType)
      const applyMap = (value: string) => (i: number) => apply(maps(i), configMap(`c-${width}-${i}`, value))
      const applyDeployment = (i: number) => apply(deployments(i), deployment(`d-${width}-${i}`))
      const steps: readonly [string, (index: number) => Promise<unknown>, number][] = [
        ['apply ConfigMap, create', applyMap('one'), count],
        ['apply ConfigMap, no change', applyMap('one'), count],
        ['apply ConfigMap, change', applyMap('two'), count],
        ['GET', i => client.ask('GET', maps(i)), count],
        ['DELETE', i => client.ask('DELETE', maps(i)), count],
        ['apply Deployment, create', applyDeployment, count / 4],
        ['apply Deployment, no change', applyDeployment, count / 4],
      ]
      // What is compiled and cached on the first calls is no part of a rate.
      await rate(200 * Math.min(1, scale), width, i => apply(maps(i), configMap(`c-${width}-${i}`, 'warm')))
      await rate(200 * Math.min(1, scale), width, i => client.ask('DELETE', maps(i)))
      for (const [name, work, times] of steps) {
        signal.throwIfAborted()
        const value = await rate(Math.round(times), width, work)
        note(`${name}, ${width} clients: ${Math.round(value)} a second`)
        const theirs = recorded[name]?.[at] ?? Number.NaN
        figures.push({
          name: `${name}, ${width} clients`,
          value,
          unit: '1/s',
          against: { name: other, ratio: value / theirs },
        })
      }
      await rate(Math.round(count / 4), width, i => client.ask('DELETE', deployments(i)))
    } finally {
      await client.close()
    }
  }
  return figures
}

/** Creates of Deployments by 8 clients while the server's controllers work on them. */
export async function measureDeployments(access: ClusterAccess, { scale }: BenchContext): Promise<Figure> {
  const client = await BenchClient.open(access, 8)
  const apply = (name: string) =>
    client.ask('PATCH', `/apis/apps/v1/namespaces/bench/deployments/${name}${query}`, deployment(name), applyType)
  try {
    await prepareNamespace(client)
    await rate(1000 * Math.min(1, scale), 8, () => apply('warm'))
    const name = 'apply Deployment, create'
    const value = await rate(Math.max(50, Math.round(1000 * scale)), 8, i => apply(`k-${i}`))
    return {
      name: `${name}, 8 clients, with controllers`,
      value,
      unit: '1/s',
      against: { name: other, ratio: value / recorded[name]![1] },
    }
  } finally {
    await client.close()
  }
}
