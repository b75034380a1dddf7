import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { helms, kubectls } from './binaries.ts'
import { type Chart, writeChart } from './chart.ts'
import { ClusterProcess } from './cluster-process.ts'
import { widget, widgets } from './manifests.ts'
import { Tool } from './tool.ts'
import { runsWorkloads } from './workloads.ts'

describe.skipIf(helms.length === 0 || kubectls.length === 0)('helm against the sandbox cluster', () => {
  const server = new ClusterProcess()
  let workloads = false
  let kubectl: Tool
  beforeAll(async () => {
    await server.start()
    kubectl = new Tool(kubectls[0]!.path, `${server.dir}/kubectl`, server.kubeconfig, 'default')
    workloads = await runsWorkloads(kubectl)
  })
  afterAll(() => server.close())

  describe.each(helms)('$name', ({ path }) => {
    const helm = new Tool(path, `${server.dir}/helm`, server.kubeconfig, 'default')
    const chart = (name: string, parts: Chart) => writeChart(helm, name, parts)
    const history = async (release: string) =>
      (JSON.parse(await helm.ok('history', release, '-o', 'json')) as { revision: number; status: string }[]).map(
        one => `${one.revision} ${one.status}`,
      )
    const value = (name: string) => kubectl.ok('get', 'configmap', name, '-o', 'jsonpath={.data.value}')

    it('installs, upgrades, rolls back, tells its history and uninstalls', async () => {
      const path = chart('basic', { configMap: true, deployment: true })
      expect(await helm.ok('install', 'basic', path)).toContain('STATUS: deployed')
      expect(await value('basic')).toBe('one')
      await helm.ok('upgrade', 'basic', path, '--set', 'value=two', '--set', 'replicas=0')
      expect(await value('basic')).toBe('two')
      expect(await helm.ok('rollback', 'basic', '1')).toContain('Rollback was a success')
      expect(await value('basic')).toBe('one')
      expect(await history('basic')).toEqual(['1 superseded', '2 superseded', '3 deployed'])
      expect(await helm.ok('list', '-o', 'json')).toContain('"basic"')
      expect(await helm.ok('status', 'basic')).toContain('STATUS: deployed')
      expect(await helm.ok('get', 'manifest', 'basic')).toContain('kind: Deployment')
      expect(await helm.ok('uninstall', 'basic')).toContain('uninstalled')
      expect(await kubectl.fails('get', 'configmap', 'basic')).toContain('not found')
      expect(await kubectl.ok('get', 'secrets', '-l', 'owner=helm,name=basic', '-o', 'name')).toBe('')
    })

    it('installs with upgrade --install, keeps history on uninstall, and undoes a failed upgrade', async () => {
      const path = chart('again', { configMap: true })
      await helm.ok('upgrade', '--install', 'again', path)
      const broken = await helm.run(
        ['upgrade', 'again', path, '--set', 'team=not valid', '--rollback-on-failure', '--timeout=10s'],
        { codes: [1] },
      )
      expect(broken.stderr).toContain('Invalid value: "not valid"')
      expect(await value('again')).toBe('one')
      expect((await history('again')).at(-1)).toMatch(/deployed$/)
      await helm.ok('uninstall', 'again', '--keep-history')
      expect((await history('again')).at(-1)).toMatch(/uninstalled$/)
    })

    it('refuses what belongs to somebody else, and takes it over when told', async () => {
      await kubectl.ok('create', 'configmap', 'owned', '--from-literal=value=mine')
      const path = chart('owned', { configMap: true })
      expect(await helm.fails('install', 'owned', path)).toContain('invalid ownership metadata')
      await helm.ok('install', 'owned', path, '--take-ownership', '--force-conflicts')
      expect(await value('owned')).toBe('one')
      await helm.ok('uninstall', 'owned')
    })

    it('installs definitions before what uses them', async () => {
      const path = chart('crds', {
        crd: widgets('helm.example.com'),
        extra: widget('helm.example.com', 'one', 3),
      })
      await helm.ok('install', 'crds', path)
      expect(await kubectl.ok('get', 'widgets.helm.example.com', 'one', '-o', 'jsonpath={.spec.color}')).toBe('grey')
      await helm.ok('uninstall', 'crds')
      expect(await kubectl.ok('get', 'crd', 'widgets.helm.example.com', '-o', 'name')).toContain('widgets')
    })

    it('runs hooks around the release in order', async () => {
      const path = chart('hooks', { configMap: true, hooks: ['pre-install', 'post-install', 'pre-delete'] })
      await helm.ok('install', 'hooks', path)
      expect(await helm.ok('get', 'hooks', 'hooks')).toContain('helm.sh/hook: post-install')
      expect(await kubectl.ok('get', 'configmap', 'hooks-pre-install', '-o', 'name')).toContain('hooks-pre-install')
      await helm.ok('uninstall', 'hooks')
      expect(await kubectl.ok('get', 'configmap', 'hooks-pre-delete', '-o', 'name')).toContain('hooks-pre-delete')
    })

    it('tries on the server and compares', async () => {
      const path = chart('dry', { configMap: true })
      expect(await helm.ok('install', 'dry', path, '--dry-run=server')).toContain('kind: ConfigMap')
      expect(await kubectl.fails('get', 'configmap', 'dry')).toContain('not found')
    })

    it('waits until a release is ready', async ({ skip }) => {
      skip(!workloads, 'no workload controllers')
      const path = chart('wait', { configMap: true, deployment: true, job: true })
      expect(await helm.ok('install', 'wait', path, '--wait', '--wait-for-jobs', '--timeout=60s')).toContain('deployed')
      expect(await kubectl.ok('get', 'deployment', 'wait', '-o', 'jsonpath={.status.availableReplicas}')).toBe('1')
      await helm.ok('upgrade', 'wait', path, '--set', 'replicas=3', '--wait', '--timeout=60s')
      expect(await kubectl.ok('get', 'deployment', 'wait', '-o', 'jsonpath={.status.availableReplicas}')).toBe('3')
      await helm.ok('uninstall', 'wait', '--wait', '--timeout=60s')
      expect(await kubectl.fails('get', 'deployment', 'wait')).toContain('not found')
    })

    it('runs job hooks to their end, and tests', async ({ skip }) => {
      skip(!workloads, 'no workload controllers')
      const path = chart('tested', { configMap: true, jobHooks: ['pre-install'], test: true })
      await helm.ok('install', 'tested', path, '--timeout=60s')
      expect(await helm.ok('test', 'tested', '--timeout=60s')).toMatch(/Phase:\s+Succeeded/)
      await helm.ok('uninstall', 'tested')
    })
  })
})
