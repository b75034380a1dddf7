import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../kube/object.ts'
import { startWorkloads } from './start.ts'
import { hasKubectl, startTestCluster, type TestCluster } from './testing.ts'
import { MovableClock } from './testing-clock.ts'

const node = (
  name: string,
  options: { ready?: boolean; taints?: unknown[]; labels?: Record<string, string> } = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...options.labels } },
  spec: { ...(options.taints ? { taints: options.taints } : {}) },
  status: { conditions: [{ type: 'Ready', status: options.ready === false ? 'False' : 'True' }] },
})
const nodeRef = (name: string) => ({ group: '', version: 'v1', kind: 'Node', namespace: '', name })
const pod = (name: string, image: string, spec = '') => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  ${spec}
  containers: [{name: web, image: "${image}", ports: [{name: http, containerPort: 8080}]}]
`

describe.skipIf(!hasKubectl)('workloads without nodes', () => {
  let sandbox: TestCluster
  const clock = new MovableClock()
  beforeAll(async () => {
    sandbox = await startTestCluster({ clock })
  })
  afterAll(() => sandbox?.close())

  it('run pods on the virtual node, with addresses of their own', async () => {
    await sandbox.apply(pod('one', 'nginx'))
    await sandbox.apply(pod('two', 'nginx'))
    await sandbox.kubectl('wait', '--for=condition=Ready', 'pod/one', 'pod/two', '--timeout=10s')
    const wide = await sandbox.kubectl('get', 'pods', '-o', 'wide')
    expect(wide).toMatch(/one\s+1\/1\s+Running\s+0\s+\S+\s+10\.244\.\d+\.\d+\s+sandbox/)
    expect(new Set(wide.match(/10\.244\.\d+\.\d+/g)).size).toBe(2)
    await sandbox.current({ group: '', version: 'v1', kind: 'Pod', namespace: 'default', name: 'one' })
    await sandbox.kubectl('delete', 'pod', 'one', 'two', '--timeout=10s')
  })

  it('show images that cannot be pulled, that crash and that never become ready', async () => {
    await sandbox.apply(pod('absent', 'nginx:imagepullbackoff'))
    await sandbox.apply(pod('crash', 'registry.local:5000/app:1.2-crashloopbackoff'))
    await sandbox.apply(pod('unready', 'app:neverready'))
    await sandbox.apply(pod('init', 'nginx', 'initContainers: [{name: prepare, image: "busybox:exit-2"}]'))
    await expect
      .poll(() => sandbox.kubectl('get', 'pods'), { timeout: 10_000 })
      .toMatch(
        /absent\s+0\/1\s+ImagePullBackOff\s+0[\s\S]*crash\s+0\/1\s+CrashLoopBackOff\s+1 \(\S+ ago\)[\s\S]*init\s+0\/1\s+Init:CrashLoopBackOff[\s\S]*unready\s+0\/1\s+Running/,
      )
    clock.advance(10_000)
    await expect.poll(() => sandbox.kubectl('get', 'pod', 'crash')).toMatch(/CrashLoopBackOff\s+2 \(/)
    expect(await sandbox.kubectl('describe', 'pod', 'absent')).toMatch(
      /Warning\s+Failed[\s\S]*Back-off pulling image "nginx:imagepullbackoff"/,
    )
    await sandbox.kubectl('set', 'image', 'pod/absent', 'web=nginx:1')
    await sandbox.kubectl('wait', '--for=condition=Ready', 'pod/absent', '--timeout=10s')
    await sandbox.kubectl('delete', 'pods', '--all', '--timeout=10s')
  })

  it('let a slow image take its time', async () => {
    await sandbox.apply(pod('slow', 'app:slow-60s'))
    await expect.poll(() => sandbox.kubectl('get', 'pod', 'slow')).toMatch(/0\/1\s+Running/)
    clock.advance(60_000)
    await sandbox.kubectl('wait', '--for=condition=Ready', 'pod/slow', '--timeout=10s')
    await sandbox.kubectl('delete', 'pod', 'slow', '--timeout=10s')
  })

  it('keep the endpoints of services, with named ports and only ready pods', async () => {
    await sandbox.apply(pod('a', 'nginx'))
    await sandbox.apply(`
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: a}, ports: [{port: 80, targetPort: http}]}
`)
    await expect.poll(() => sandbox.kubectl('get', 'endpoints', 'web')).toMatch(/10\.244\.\d+\.\d+:8080/)
    await expect.poll(() => sandbox.kubectl('get', 'endpointslices')).toMatch(/web-\w+\s+IPv4\s+8080\s+10\.244/)
    await sandbox.kubectl('label', 'pod', 'a', 'app=other', '--overwrite')
    await expect.poll(() => sandbox.kubectl('get', 'endpoints', 'web')).toMatch(/<none>/)
    await sandbox.kubectl('delete', 'service', 'web')
    await expect.poll(() => sandbox.kubectl('get', 'endpoints', '-o', 'name')).not.toMatch(/web/)
    await expect.poll(() => sandbox.kubectl('get', 'endpointslices', '-o', 'name')).toBe('')
    await sandbox.kubectl('delete', 'pod', 'a', '--timeout=10s')
  })

  it('say what disruption budgets allow', async () => {
    await sandbox.kubectl('create', 'deployment', 'many', '--image=nginx', '--replicas=4')
    await sandbox.kubectl('create', 'pdb', 'most', '--selector=app=many', '--min-available=75%')
    await sandbox.kubectl('rollout', 'status', 'deployment/many', '--timeout=10s')
    await expect.poll(() => sandbox.kubectl('get', 'pdb', 'most')).toMatch(/most\s+75%\s+N\/A\s+1/)
    await sandbox.current({
      group: 'policy',
      version: 'v1',
      kind: 'PodDisruptionBudget',
      namespace: 'default',
      name: 'most',
    })
    await sandbox.kubectl('delete', 'pdb/most', 'deployment/many')
  })

  it('take a pod whose labels change out of its set, and make another', async () => {
    await sandbox.kubectl('create', 'deployment', 'solo', '--image=nginx')
    await sandbox.kubectl('rollout', 'status', 'deployment/solo', '--timeout=10s')
    const name = (await sandbox.kubectl('get', 'pods', '-l', 'app=solo', '-o', 'name')).trim()
    await sandbox.kubectl('label', name, 'app=debug', '--overwrite')
    await expect.poll(() => sandbox.kubectl('get', 'pods', '-l', 'app=solo', '-o', 'name')).toMatch(/^pod\/solo-\S+\n$/)
    expect(await sandbox.kubectl('get', name, '-o', 'jsonpath={.metadata.ownerReferences}')).toBe('')
    await sandbox.kubectl('delete', 'deployment/solo', name, '--timeout=10s')
  })

  it('empty a namespace that is deleted, jobs and all', async () => {
    await sandbox.kubectl('create', 'namespace', 'gone')
    await sandbox.kubectl('-n', 'gone', 'create', 'deployment', 'web', '--image=nginx', '--replicas=2')
    await sandbox.kubectl('-n', 'gone', 'create', 'job', 'work', '--image=busybox:slow-9m')
    await sandbox.kubectl('-n', 'gone', 'rollout', 'status', 'deployment/web', '--timeout=10s')
    await sandbox.kubectl('delete', 'namespace', 'gone', '--timeout=15s')
  })
})

describe.skipIf(!hasKubectl)('workloads on nodes', () => {
  let sandbox: TestCluster
  beforeAll(async () => {
    sandbox = await startTestCluster()
    await sandbox.client.create(node('a', { labels: { disk: 'ssd' } }))
    await sandbox.client.create(node('b'))
    await sandbox.client.create(node('c', { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] }))
    await sandbox.client.create(node('d', { ready: false }))
  })
  afterAll(() => sandbox?.close())
  beforeEach(async () => {
    await sandbox.kubectl('delete', 'deployments,daemonsets', '--all', '--timeout=10s')
    await sandbox.kubectl('delete', 'pods', '--all', '--timeout=10s')
    await expect.poll(() => sandbox.kubectl('get', 'pods', '-o', 'name')).toBe('')
  })

  it('spread pods over nodes that are ready and not tainted', async () => {
    await sandbox.kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=4')
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    const names = await sandbox.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}')
    expect(names.split(' ').sort()).toEqual(['a', 'a', 'b', 'b'])
  })

  it('say why a pod fits nowhere, and place it when a node comes that fits', async () => {
    await sandbox.apply(pod('picky', 'nginx', 'nodeSelector: {disk: nvme}'))
    await expect
      .poll(() =>
        sandbox.kubectl(
          'get',
          'pod',
          'picky',
          '-o',
          'jsonpath={.status.conditions[0].reason}: {.status.conditions[0].message}',
        ),
      )
      .toMatch(
        /^Unschedulable: 0\/4 nodes are available: 1 node\(s\) had untolerated taint \{dedicated: db\}, 1 node\(s\) had untolerated taint \{node.kubernetes.io\/not-ready: \}, 2 node\(s\) didn't match Pod's node affinity\/selector\. preemption/,
      )
    await sandbox.kubectl('label', 'node', 'b', 'disk=nvme')
    await sandbox.kubectl('wait', '--for=condition=Ready', 'pod/picky', '--timeout=10s')
    await sandbox.kubectl('label', 'node', 'b', 'disk-')
  })

  it('keep one daemon on each node that it tolerates, and update them one after the other', async () => {
    await sandbox.apply(`
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      tolerations: [{key: dedicated, operator: Exists}]
      containers: [{name: agent, image: "agent:1"}]
`)
    await sandbox.kubectl('rollout', 'status', 'daemonset/agent', '--timeout=10s')
    await sandbox.current({ group: 'apps', version: 'v1', kind: 'DaemonSet', namespace: 'default', name: 'agent' })
    expect(await sandbox.kubectl('get', 'daemonset', 'agent')).toMatch(/agent\s+3\s+3\s+3\s+3\s+3/)
    await sandbox.kubectl('set', 'image', 'daemonset/agent', 'agent=agent:2')
    await sandbox.kubectl('rollout', 'status', 'daemonset/agent', '--timeout=10s')
    expect(await sandbox.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[0].image}')).toBe(
      'agent:2 agent:2 agent:2',
    )
    await sandbox.kubectl('rollout', 'undo', 'daemonset/agent')
    await sandbox.kubectl('rollout', 'status', 'daemonset/agent', '--timeout=10s')
    await sandbox.client.create(node('e'))
    await expect.poll(() => sandbox.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}')).toMatch(/e/)
    await sandbox.client.delete(nodeRef('e'))
    await expect.poll(() => sandbox.kubectl('get', 'daemonset', 'agent')).toMatch(/agent\s+3\s+3\s+3\s+3\s+3/)
  })

  it('move the pods of a node that is gone', async () => {
    await sandbox.client.create(node('f'))
    await sandbox.kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=3')
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    await sandbox.client.delete(nodeRef('f'))
    await expect
      .poll(async () =>
        (await sandbox.kubectl('get', 'pods', '-o', 'jsonpath={.items[*].spec.nodeName}')).split(' ').sort().join(' '),
      )
      .toMatch(/^a a b$|^a b b$/)
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
  })

  it('go on where they were after a restart, and make nothing twice', async () => {
    await sandbox.workloads.close()
    await sandbox.kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=3')
    const first = await startWorkloads({ client: sandbox.client, readyAfterMs: 500 })
    await expect.poll(() => sandbox.kubectl('get', 'pods', '-o', 'name')).toMatch(/(pod\/web-\S+\n){3}/)
    await first.close()
    const second = await startWorkloads({ client: sandbox.client, readyAfterMs: 20 })
    await sandbox.kubectl('rollout', 'status', 'deployment/web', '--timeout=10s')
    expect((await sandbox.kubectl('get', 'pods,replicasets', '-o', 'name')).trim().split('\n')).toHaveLength(4)
    await second.close()
  })
})
