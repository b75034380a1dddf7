import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kubectls } from './binaries.ts'
import { ClusterProcess } from './cluster-process.ts'
import { configMap, deployment, widget, widgets } from './manifests.ts'
import { Tool } from './tool.ts'
import { runsWorkloads } from './workloads.ts'

describe.skipIf(kubectls.length === 0)('kubectl against the sandbox cluster', () => {
  const server = new ClusterProcess()
  beforeAll(() => server.start())
  afterAll(() => server.close())

  describe.each(kubectls)('$name', ({ name, path }) => {
    const namespace = name.replace(/[^a-z0-9]+/g, '-')
    const group = `${namespace}.example.com`
    const kubectl = new Tool(path, `${server.dir}/${namespace}`, server.kubeconfig, namespace)
    const get = (what: string, jsonpath: string) => kubectl.ok('get', ...what.split(' '), '-o', `jsonpath=${jsonpath}`)

    beforeAll(async () => {
      await kubectl.ok('create', 'namespace', namespace)
      await kubectl.ok('wait', '--for=create', 'serviceaccount/default', '--timeout=10s')
    })

    describe('apply', () => {
      it('creates, leaves alone and changes, and says which', async () => {
        const file = kubectl.file('a.yaml', configMap('a', { k: 'one' }))
        expect(await kubectl.ok('apply', '-f', file)).toBe('configmap/a created\n')
        expect(await kubectl.ok('apply', '-f', file)).toBe('configmap/a unchanged\n')
        kubectl.file('a.yaml', configMap('a', { l: 'two' }))
        expect(await kubectl.ok('apply', '-f', file)).toBe('configmap/a configured\n')
        expect(JSON.parse(await get('configmap a', '{.data}'))).toEqual({ l: 'two' })
        expect(await kubectl.ok('apply', 'view-last-applied', 'configmap/a')).toContain('l: two')
      })

      it('on the server keeps fields apart by manager, and refuses a conflict until forced', async () => {
        const file = kubectl.file('ssa.yaml', configMap('ssa', { k: 'one' }))
        expect(await kubectl.ok('apply', '--server-side', '-f', file)).toBe('configmap/ssa serverside-applied\n')
        await kubectl.ok('patch', 'configmap/ssa', '--type=merge', '-p', '{"data":{"k":"mine"}}')
        expect(await kubectl.fails('apply', '--server-side', '-f', file)).toContain('conflict with "kubectl-patch"')
        await kubectl.ok('apply', '--server-side', '--force-conflicts', '-f', file)
        expect(await get('configmap ssa', '{.data.k}')).toBe('one')
      })

      it('moves from client side to server side without leaving anything behind', async () => {
        const file = kubectl.file('move.yaml', configMap('move', { k: 'one', l: 'two' }))
        await kubectl.ok('apply', '-f', file)
        kubectl.file('move.yaml', configMap('move', { k: 'one' }))
        await kubectl.ok('apply', '--server-side', '-f', file)
        expect(JSON.parse(await get('configmap move', '{.data}'))).toEqual({ k: 'one' })
      })

      it('prunes what is no longer in the set', async () => {
        const set = (...names: string[]) =>
          kubectl.file('set.yaml', names.map(one => configMap(one, {}, 'set: one')).join('---'))
        const args = ['--prune', '-l', 'set=one', '--prune-allowlist=core/v1/ConfigMap']
        await kubectl.ok('apply', '-f', set('p1', 'p2'), ...args)
        expect(await kubectl.ok('apply', '-f', set('p1'), ...args)).toContain('configmap/p2 pruned')
        expect(await kubectl.ok('get', 'configmaps', '-l', 'set=one', '-o', 'name')).toBe('configmap/p1\n')
      })

      it('tries on the server without keeping anything', async () => {
        const file = kubectl.file('dry.yaml', configMap('dry', {}))
        expect(await kubectl.ok('apply', '--dry-run=server', '-f', file)).toBe(
          'configmap/dry created (server dry run)\n',
        )
        expect(await kubectl.fails('get', 'configmap', 'dry')).toContain('configmaps "dry" not found')
      })

      it('names fields that do not exist', async () => {
        const file = kubectl.file('strict.yaml', deployment('strict', 'a:1').replace('replicas:', 'replica:'))
        expect(await kubectl.fails('apply', '-f', file)).toContain('unknown field "spec.replica"')
        expect((await kubectl.run(['apply', '--validate=warn', '-f', file])).stderr).toContain(
          'unknown field "spec.replica"',
        )
      })

      it('reads a folder, standard input and several documents', async () => {
        kubectl.file('folder/one.yaml', configMap('folder-one', {}))
        kubectl.file('folder/two.yaml', `${configMap('folder-two', {})}---${configMap('folder-three', {})}`)
        expect((await kubectl.ok('apply', '-f', 'folder')).split('\n')).toHaveLength(4)
        const { stdout } = await kubectl.run(['apply', '-f', '-'], { stdin: configMap('stdin', {}) })
        expect(stdout).toBe('configmap/stdin created\n')
      })
    })

    it('diff shows what apply would change and leaves it', async () => {
      const file = kubectl.file('diff.yaml', deployment('diff', 'web:1'))
      await kubectl.ok('apply', '-f', file)
      expect(await kubectl.ok('diff', '-f', file)).toBe('')
      kubectl.file('diff.yaml', deployment('diff', 'web:2'))
      const { stdout, code } = await kubectl.run(['diff', '-f', file], { codes: [1] })
      expect(code).toBe(1)
      expect(stdout).toMatch(/-\s+- image: web:1/)
      expect(stdout).toMatch(/\+\s+- image: web:2/)
      expect(
        (await kubectl.run(['diff', '--server-side', '--force-conflicts', '-f', file], { codes: [1] })).stdout,
      ).toContain('web:2')
      expect(await get('deployment diff', '{.spec.template.spec.containers[0].image}')).toBe('web:1')
    })

    it('edit changes what the editor changed', async () => {
      await kubectl.ok('create', 'configmap', 'edited', '--from-literal=k=one')
      const { stdout } = await kubectl.run(['edit', 'configmap/edited'], { env: { KUBE_EDITOR: 'sed -i s/one/two/' } })
      expect(stdout).toBe('configmap/edited edited\n')
      expect(await get('configmap edited', '{.data.k}')).toBe('two')
      const none = await kubectl.run(['edit', 'configmap/edited'], { env: { KUBE_EDITOR: 'true' } })
      expect(none.stdout + none.stderr).toContain('no changes made')
    })

    it('patch takes all three kinds, and the status', async () => {
      await kubectl.ok('create', 'deployment', 'patched', '--image=web:1')
      const containers = JSON.stringify({
        spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2' }] } } },
      })
      expect(await kubectl.ok('patch', 'deployment/patched', '-p', containers)).toBe(
        'deployment.apps/patched patched\n',
      )
      // A rollout may write its status between kubectl's read and its patch; once it is done, nothing changes.
      await expect
        .poll(() => kubectl.ok('patch', 'deployment/patched', '-p', containers), { timeout: 10_000 })
        .toContain('(no change)')
      await kubectl.ok(
        'patch',
        'deployment/patched',
        '--type=json',
        '-p',
        '[{"op":"replace","path":"/spec/replicas","value":0}]',
      )
      await kubectl.ok('patch', 'deployment/patched', '--type=merge', '-p', '{"spec":{"paused":true}}')
      expect(await get('deployment patched', '{.spec.replicas}{.spec.paused}{..image}')).toBe('0trueweb:2')
      await kubectl.ok('create', 'quota', 'q', '--hard=pods=1')
      await kubectl.ok(
        'patch',
        'quota/q',
        '--subresource=status',
        '--type=merge',
        '-p',
        '{"status":{"used":{"pods":"1"}}}',
      )
      expect(await get('quota q', '{.status.used.pods}')).toBe('1')
    })

    it('replace puts a whole object in place, and anew when forced', async () => {
      await kubectl.ok('create', '-f', kubectl.file('r.yaml', configMap('replaced', { k: 'one' })))
      expect(await kubectl.ok('replace', '-f', kubectl.file('r.yaml', configMap('replaced', { k: 'two' })))).toBe(
        'configmap/replaced replaced\n',
      )
      const uid = await get('configmap replaced', '{.metadata.uid}')
      await kubectl.ok('replace', '--force', '-f', kubectl.file('r.yaml', configMap('replaced', { k: 'three' })))
      expect(await get('configmap replaced', '{.data.k}')).toBe('three')
      expect(await get('configmap replaced', '{.metadata.uid}')).not.toBe(uid)
      expect(await kubectl.fails('replace', '-f', kubectl.file('r.yaml', configMap('absent', {})))).toContain(
        'configmaps "absent" not found',
      )
    })

    it('scale changes the count, only from the expected one when told', async () => {
      await kubectl.ok('create', 'deployment', 'scaled', '--image=web:1')
      expect(await kubectl.ok('scale', 'deployment/scaled', '--replicas=3')).toBe('deployment.apps/scaled scaled\n')
      expect(await kubectl.fails('scale', 'deployment/scaled', '--replicas=5', '--current-replicas=2')).toContain(
        'Expected replicas to be 2, was 3',
      )
      expect(await get('deployment scaled', '{.spec.replicas}')).toBe('3')
      await kubectl.ok('scale', 'deployment/scaled', '--replicas=0')
    })

    it('label and annotate add, refuse to overwrite, overwrite and remove', async () => {
      await kubectl.ok('create', 'configmap', 'tagged')
      for (const verb of ['label', 'annotate']) {
        await kubectl.ok(verb, 'configmap/tagged', 'k=one')
        expect(await kubectl.fails(verb, 'configmap/tagged', 'k=two')).toContain('already has a value (one)')
        await kubectl.ok(verb, 'configmap/tagged', 'k=two', '--overwrite')
        await kubectl.ok(verb, 'configmap/tagged', 'k-')
      }
      expect(await get('configmap tagged', '{.metadata.labels}{.metadata.annotations}')).toBe('')
    })

    it('set changes images, environments, resources and service accounts', async () => {
      await kubectl.ok('create', 'deployment', 'set', '--image=web:1', '--replicas=0')
      await kubectl.ok('set', 'image', 'deployment/set', 'web=web:2')
      await kubectl.ok('set', 'env', 'deployment/set', 'A=b')
      await kubectl.ok('set', 'resources', 'deployment/set', '--limits=cpu=200m')
      await kubectl.ok('set', 'serviceaccount', 'deployment/set', 'other')
      const spec = '{.spec.template.spec.containers[0].image} {..env[0].value} {..limits.cpu} {..serviceAccountName}'
      expect(await get('deployment set', spec)).toBe('web:2 b 200m other')
    })

    it('wait sees conditions, values, creation and deletion', async () => {
      await kubectl.ok('create', 'configmap', 'awaited', '--from-literal=k=one')
      const value = kubectl.start('wait', '--for=jsonpath={.data.k}=two', 'configmap/awaited', '--timeout=20s')
      const gone = kubectl.start('wait', '--for=delete', 'configmap/awaited', '--timeout=20s')
      await new Promise(resolve => setTimeout(resolve, 300))
      await kubectl.ok('patch', 'configmap/awaited', '-p', '{"data":{"k":"two"}}')
      await value.until(/condition met/)
      await kubectl.ok('delete', 'configmap', 'awaited')
      await gone.stop()
      await kubectl.ok('apply', '-f', kubectl.file('crd.yaml', widgets(`wait.${group}`)))
      await kubectl.ok('wait', '--for=condition=Established', `crd/widgets.wait.${group}`, '--timeout=10s')
      expect(
        await kubectl.fails('wait', '--for=jsonpath={.data.k}=x', 'configmap/kube-root-ca.crt', '--timeout=200ms'),
      ).toContain('timed out')
    })

    it('get -w shows changes as rows while they happen', async () => {
      const watch = kubectl.start('get', 'configmaps', '-l', 'watched=yes', '-w', '--output-watch-events')
      await new Promise(resolve => setTimeout(resolve, 400))
      await kubectl.ok('apply', '-f', kubectl.file('w.yaml', configMap('w', {}, 'watched: "yes"')))
      await watch.until(/ADDED\s+w\s+0/)
      await kubectl.ok('patch', 'configmap/w', '-p', '{"data":{"a":"b"}}')
      await watch.until(/MODIFIED\s+w\s+1/)
      await kubectl.ok('label', 'configmap/w', 'watched-')
      await watch.until(/DELETED\s+w\s+1/)
      await watch.stop()
    })

    it('get prints tables, wide and custom columns, YAML and names, in chunks', async () => {
      await kubectl.ok('create', 'deployment', 'shown', '--image=web:1', '--replicas=0')
      expect(await kubectl.ok('get', 'deployment', 'shown')).toMatch(
        /NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nshown\s+0\/0/,
      )
      expect(await kubectl.ok('get', 'deployment', 'shown', '-o', 'wide')).toMatch(
        /CONTAINERS\s+IMAGES\s+SELECTOR\n.*web\s+web:1\s+app=shown/,
      )
      expect(await kubectl.ok('get', 'deployment', 'shown', '-o', 'custom-columns=N:.metadata.name')).toBe('N\nshown\n')
      expect(await kubectl.ok('get', 'deployment', 'shown', '-o', 'yaml')).toContain('apiVersion: apps/v1')
      const all = await kubectl.ok('get', 'configmaps', '-A', '-o', 'name')
      expect(await kubectl.ok('get', 'configmaps', '-A', '-o', 'name', '--chunk-size=2')).toBe(all)
      expect(await kubectl.ok('get', 'deployments', '--sort-by=.metadata.name', '--show-labels')).toContain('app=shown')
      expect(await kubectl.ok('get', 'deploy,cm', '--field-selector=metadata.name=shown', '-o', 'name')).toBe(
        'deployment.apps/shown\n',
      )
      expect(await kubectl.ok('get', 'all')).toContain('deployment.apps/shown')
    })

    it('describe tells of an object and its events', async () => {
      await kubectl.ok('create', 'deployment', 'described', '--image=web:1', '--replicas=0')
      expect(await kubectl.ok('describe', 'deployment', 'described')).toMatch(/Replicas:\s+0 desired/)
      expect(await kubectl.ok('describe', 'namespace', namespace)).toMatch(/Status:\s+Active/)
      expect(await kubectl.ok('events')).toBeDefined()
    })

    it('explain reads builtin and custom kinds', async () => {
      expect(await kubectl.ok('explain', 'deployment.spec.strategy.rollingUpdate')).toContain('maxSurge\t<IntOrString>')
      expect(await kubectl.ok('explain', 'pods', '--recursive')).toContain('containers')
      await kubectl.ok('apply', '-f', kubectl.file('crd2.yaml', widgets(group)))
      await kubectl.ok('wait', '--for=condition=Established', `crd/widgets.${group}`)
      expect(await kubectl.ok('explain', 'widgets.spec.size', `--api-version=${group}/v1`)).toContain(
        'How large it is.',
      )
    })

    it('works with custom kinds as with its own', async () => {
      await kubectl.ok('apply', '-f', kubectl.file('crd2.yaml', widgets(group)))
      await kubectl.ok('wait', '--for=condition=Established', `crd/widgets.${group}`)
      const file = kubectl.file('widget.yaml', widget(group, 'one', 3))
      await kubectl.ok('apply', '-f', file)
      expect(await kubectl.ok('get', `widgets.${group}`)).toMatch(/NAME\s+SIZE\none\s+3/)
      await kubectl.ok('scale', `widgets.${group}/one`, '--replicas=7')
      expect(await get(`widgets.${group} one`, '{.spec.size}{.spec.color}')).toBe('7grey')
      kubectl.file('widget.yaml', widget(group, 'one', 0))
      expect(await kubectl.fails('apply', '-f', file)).toContain(
        'spec.size in body should be greater than or equal to 1',
      )
      await kubectl.ok('delete', 'crd', `widgets.${group}`)
      expect(await kubectl.fails('get', `widgets.${group}`)).toContain("the server doesn't have a resource type")
    })

    it('api-resources, api-versions, version and cluster-info describe the server', async () => {
      const resources = await kubectl.ok('api-resources')
      for (const line of [
        /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m,
        /^nodes\s+no\s+v1\s+false\s+Node$/m,
      ]) {
        expect(resources).toMatch(line)
      }
      expect(await kubectl.ok('api-resources', '--verbs=list,watch', '--namespaced', '-o', 'name')).toContain('pods\n')
      expect(await kubectl.ok('api-versions')).toContain('apps/v1\n')
      expect(await kubectl.ok('version')).toContain('Server Version: v1.')
      expect(await kubectl.ok('cluster-info')).toContain('control plane')
      expect(await kubectl.ok('get', '--raw', '/readyz')).toBe('ok')
    })

    it('auth and create token show who may do what', async () => {
      expect(await kubectl.ok('auth', 'can-i', 'delete', 'nodes')).toBe('yes\n')
      expect(await kubectl.ok('auth', 'whoami')).toContain('system:masters')
      await kubectl.ok('create', 'serviceaccount', 'reader')
      await kubectl.ok('create', 'role', 'reads', '--verb=get,list', '--resource=configmaps')
      await kubectl.ok('create', 'rolebinding', 'reads', '--role=reads', `--serviceaccount=${namespace}:reader`)
      const as = `--as=system:serviceaccount:${namespace}:reader`
      expect(await kubectl.ok('auth', 'can-i', 'list', 'configmaps', as)).toBe('yes\n')
      expect((await kubectl.run(['auth', 'can-i', 'delete', 'configmaps', as], { codes: [1] })).stdout).toBe('no\n')
      expect(await kubectl.ok('auth', 'can-i', '--list', as)).toMatch(/configmaps\s+\[\]\s+\[\]\s+\[get list\]/)
      const token = (await kubectl.ok('create', 'token', 'reader', '--duration=1h')).trim()
      // The kubeconfig's own token would win over --token.
      const config = kubectl.file(
        'token.kubeconfig',
        (await kubectl.ok('config', 'view', '--raw')).replace(/token: .*/, `token: ${token}`),
      )
      const asReader = ['--kubeconfig', config]
      expect(await kubectl.ok('auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}', ...asReader)).toBe(
        `system:serviceaccount:${namespace}:reader`,
      )
      expect(await kubectl.ok('get', 'configmaps', ...asReader)).toContain('NAME')
      expect(await kubectl.fails('get', 'secrets', ...asReader)).toContain(
        'secrets is forbidden: User "system:serviceaccount',
      )
    })

    it('create, run, expose and autoscale make what they are for', async () => {
      await kubectl.ok('create', 'secret', 'generic', 'made', '--from-literal=a=b')
      await kubectl.ok('create', 'ingress', 'made', '--rule=example.com/*=web:80')
      await kubectl.ok('create', 'cronjob', 'made', '--image=job:1', '--schedule=0 0 1 1 *')
      await kubectl.ok('create', 'pdb', 'made', '--selector=app=made', '--min-available=1')
      await kubectl.ok('create', 'priorityclass', `made-${namespace}`, '--value=10')
      await kubectl.ok('create', 'deployment', 'made', '--image=web:1', '--replicas=0', '--port=80')
      await kubectl.ok('expose', 'deployment/made', '--port=80')
      await kubectl.ok('autoscale', 'deployment/made', '--min=1', '--max=3', '--cpu-percent=50')
      expect(await get('hpa made', '{.spec.maxReplicas}')).toBe('3')
      expect(await kubectl.ok('get', 'service', 'made')).toMatch(/made\s+ClusterIP\s+10\.\d+\./)
      await kubectl.ok('run', 'single', '--image=web:1')
      expect(await kubectl.ok('get', 'pod', 'single', '-o', 'name')).toBe('pod/single\n')
    })

    it('delete waits, keeps dependents when told, and empties namespaces', async () => {
      await kubectl.ok('create', 'configmap', 'held')
      await kubectl.ok('patch', 'configmap/held', '-p', '{"metadata":{"finalizers":["example.com/hold"]}}')
      expect(await kubectl.fails('delete', 'configmap/held', '--timeout=300ms')).toContain('timed out')
      await kubectl.ok(
        'patch',
        'configmap/held',
        '--type=json',
        '-p',
        '[{"op":"remove","path":"/metadata/finalizers"}]',
      )
      expect(await kubectl.fails('get', 'configmap/held')).toContain('not found')
      expect(await kubectl.ok('delete', 'configmap/held', '--ignore-not-found')).toBe('')
      await kubectl.ok('create', 'namespace', `gone-${namespace}`)
      await kubectl.ok('create', 'configmap', 'inside', `--namespace=gone-${namespace}`)
      await kubectl.ok('delete', 'namespace', `gone-${namespace}`, '--timeout=20s')
      expect(await kubectl.fails('get', 'namespace', `gone-${namespace}`)).toContain('not found')
    })

    it('logs, exec, attach, port-forward and top are refused in plain words', async () => {
      await kubectl.ok('run', 'silent', '--image=web:1')
      if (await runsWorkloads(kubectl)) await kubectl.ok('wait', '--for=condition=Ready', 'pod/silent', '--timeout=20s')
      else await putOnNode(kubectl, 'silent')
      const why = 'the sandbox cluster runs no containers'
      expect(await kubectl.fails('logs', 'silent')).toContain(why)
      expect(await kubectl.fails('logs', 'silent', '-f')).toContain(why)
      expect(await kubectl.fails('logs', 'absent')).toContain('pods "absent" not found')
      expect(await kubectl.fails('logs', 'silent', '-c', 'absent')).toContain(
        'container absent is not valid for pod silent',
      )
      expect(await kubectl.fails('top', 'pods')).toContain('Metrics API not available')
      expect(await kubectl.fails('exec', 'silent', '--', 'true')).toContain(why)
      expect(await kubectl.fails('attach', 'silent')).toContain(why)
      expect(await kubectl.fails('port-forward', 'pod/silent', '18080:80')).toContain(why)
    })
  })
})

/** Does for a pod what a scheduler and a kubelet would do. */
async function putOnNode(kubectl: Tool, pod: string): Promise<void> {
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: pod }, target: { kind: 'Node', name: 'n' } }
  const namespace = await kubectl.ok('get', 'pod', pod, '-o', 'jsonpath={.metadata.namespace}')
  const url = `/api/v1/namespaces/${namespace}/pods/${pod}/binding`
  await kubectl.ok('create', '--raw', url, '-f', kubectl.file('binding.json', JSON.stringify(binding)))
  await kubectl.ok('patch', `pod/${pod}`, '--subresource=status', '-p', '{"status":{"phase":"Running"}}')
}
