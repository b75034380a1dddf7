import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectls } from './binaries.ts'
import { ClusterProcess } from './cluster-process.ts'
import { deployment } from './manifests.ts'
import { Tool } from './tool.ts'
import { runsWorkloads } from './workloads.ts'

describe.skipIf(kubectls.length === 0)('kubectl rollout against the sandbox cluster', () => {
  const server = new ClusterProcess()
  let workloads = false
  beforeAll(async () => {
    await server.start()
    workloads = await runsWorkloads(new Tool(kubectls[0]!.path, `${server.dir}/probe`, server.kubeconfig, 'default'))
  })
  afterAll(() => server.close())

  describe.each(kubectls)('$name', ({ name, path }) => {
    const namespace = name.replace(/[^a-z0-9]+/g, '-')
    const kubectl = new Tool(path, `${server.dir}/${namespace}`, server.kubeconfig, namespace)
    beforeAll(() => kubectl.ok('create', 'namespace', namespace))
    const image = () =>
      kubectl.ok('get', 'deployment', 'web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}')

    it('status waits for a rollout; history, undo, pause, resume and restart work on it', async ({ skip }) => {
      skip(!workloads, 'no workload controllers')
      await kubectl.ok('apply', '-f', kubectl.file('d.yaml', deployment('web', 'web:1')))
      expect(await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=30s')).toContain(
        'successfully rolled out',
      )
      await kubectl.ok('set', 'image', 'deployment/web', 'web=web:2')
      await kubectl.ok('annotate', 'deployment/web', 'kubernetes.io/change-cause=second')
      await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
      expect(await kubectl.ok('rollout', 'history', 'deployment/web')).toMatch(/1\s+<none>\n2\s+(second|<none>)/)
      expect(await kubectl.ok('rollout', 'history', 'deployment/web', '--revision=1')).toContain('web:1')
      await kubectl.ok('rollout', 'undo', 'deployment/web')
      await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
      expect(await image()).toBe('web:1')
      await kubectl.ok('rollout', 'undo', 'deployment/web', '--to-revision=2')
      expect(await image()).toBe('web:2')
      await kubectl.ok('rollout', 'pause', 'deployment/web')
      await kubectl.ok('set', 'image', 'deployment/web', 'web=web:3')
      await kubectl.ok('rollout', 'resume', 'deployment/web')
      await kubectl.ok('rollout', 'restart', 'deployment/web')
      await kubectl.ok('rollout', 'status', 'deployment/web', '--timeout=30s')
      await kubectl.ok('wait', '--for=condition=Available', 'deployment/web', '--timeout=30s')
      await kubectl.ok('wait', '--for=condition=Ready', 'pod', '-l', 'app=web', '--timeout=30s')
      expect(await kubectl.ok('get', 'deployment', 'web')).toMatch(/web\s+2\/2\s+2\s+2/)
    })

    it('an eviction that a disruption budget does not allow is refused', async ({ skip }) => {
      skip(!workloads, 'no workload controllers')
      await kubectl.ok('apply', '-f', kubectl.file('e.yaml', deployment('guarded', 'web:1', 1)))
      await kubectl.ok('create', 'pdb', 'guarded', '--selector=app=guarded', '--min-available=1')
      await kubectl.ok('rollout', 'status', 'deployment/guarded', '--timeout=30s')
      await kubectl.ok('wait', '--for=jsonpath={.status.currentHealthy}=1', 'pdb/guarded', '--timeout=20s')
      const [pod = ''] = (await kubectl.ok('get', 'pods', '-l', 'app=guarded', '-o', 'name')).trim().split('\n')
      const eviction = JSON.stringify({
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: pod.replace('pod/', ''), namespace },
      })
      const url = `/api/v1/namespaces/${namespace}/${pod.replace('pod/', 'pods/')}/eviction`
      expect(await kubectl.fails('create', '--raw', url, '-f', kubectl.file('eviction.json', eviction))).toContain(
        "Cannot evict pod as it would violate the pod's disruption budget",
      )
    })
  })
})
