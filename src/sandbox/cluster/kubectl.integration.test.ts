import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from './start.ts'

const run = promisify(execFile)
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

let cluster: SandboxCluster
let work = ''
let env: NodeJS.ProcessEnv

async function kubectl(...args: string[]): Promise<string> {
  const { stdout } = await run('kubectl', args, { env, timeout: 20_000 })
  return stdout
}

/** Runs kubectl and resolves with what it says on standard error when it fails. */
async function kubectlFails(...args: string[]): Promise<string> {
  try {
    await kubectl(...args)
  } catch (error) {
    return String((error as { stderr?: string }).stderr)
  }
  throw new Error(`kubectl ${args.join(' ')} did not fail`)
}

function manifest(name: string, text: string): string {
  const path = join(work, name)
  writeFileSync(path, text)
  return path
}

const deployment = (replicas: number, image = 'nginx:1') => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "${image}"}
`

const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1}
              color: {type: string, default: grey}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`

describe.skipIf(!hasKubectl)('kubectl', () => {
  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'sluice-kubectl-'))
    const kubeconfigPath = join(work, 'kubeconfig')
    cluster = await startCluster({ kubeconfigPath })
    env = { PATH: process.env['PATH'], HOME: work, KUBECONFIG: kubeconfigPath }
  })

  afterAll(async () => {
    await cluster?.close()
    rmSync(work, { recursive: true, force: true })
  })

  it('creates, gets and deletes with its typed clients, which send protobuf', async () => {
    await kubectl('create', 'namespace', 'one')
    await kubectl('-n', 'one', 'create', 'configmap', 'settings', '--from-literal=a=1')
    await kubectl('-n', 'one', 'create', 'secret', 'generic', 'token', '--from-literal=value=s3cret')
    expect(await kubectl('-n', 'one', 'get', 'configmap', 'settings', '-o', 'jsonpath={.data.a}')).toBe('1')
    expect(await kubectl('-n', 'one', 'get', 'secret', 'token', '-o', 'jsonpath={.data.value}')).toBe('czNjcmV0')
    expect(await kubectl('get', 'configmaps', '-A')).toMatch(/one\s+settings\s+1\s+\d+s/)
    await kubectl('delete', 'namespace', 'one', '--timeout=10s')
    expect(await kubectlFails('get', 'namespace', 'one')).toMatch(/not found/)
  })

  it('applies, shows differences, scales, patches, edits and rolls back a field', async () => {
    const file = manifest('web.yaml', deployment(2))
    expect(await kubectl('apply', '-f', file)).toMatch(/created/)
    expect(await kubectl('apply', '-f', file)).toMatch(/unchanged/)
    manifest('web.yaml', deployment(2, 'nginx:2'))
    const diff = await run('kubectl', ['diff', '-f', file], { env }).catch(
      (error: { code?: number; stdout: string }) => error,
    )
    expect(diff.stdout).toMatch(/\+\s+- image: nginx:2/)
    expect(await kubectl('apply', '-f', file)).toMatch(/configured/)
    await kubectl('scale', 'deployment', 'web', '--replicas=5')
    await kubectl(
      'patch',
      'deployment',
      'web',
      '-p',
      '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:3"}]}}}}',
    )
    const editor = manifest('editor.sh', '#!/bin/sh\nsed -i "s/replicas: 5/replicas: 6/" "$1"\n')
    chmodSync(editor, 0o755)
    await run('kubectl', ['edit', 'deployment', 'web'], { env: { ...env, KUBE_EDITOR: editor }, timeout: 20_000 })
    const shown = JSON.parse(await kubectl('get', 'deployment', 'web', '-o', 'json')) as {
      metadata: { generation: number }
      spec: { replicas: number; template: { spec: { containers: { image: string }[] } } }
    }
    expect(shown.spec.replicas).toBe(6)
    expect(shown.spec.template.spec.containers.map(container => container.image)).toEqual(['nginx:3'])
    expect(shown.metadata.generation).toBe(5)
    await kubectl('delete', '-f', file)
  })

  it('applies on the server with conflicts and force', async () => {
    const mine = manifest('mine.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {a: "1"}\n')
    const other = manifest('other.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared}\ndata: {a: "2"}\n')
    await kubectl('apply', '--server-side', '--field-manager=me', '-f', mine)
    expect(await kubectlFails('apply', '--server-side', '--field-manager=you', '-f', other)).toMatch(
      /conflict with "me": \.data\.a/,
    )
    await kubectl('apply', '--server-side', '--field-manager=you', '--force-conflicts', '-f', other)
    expect(await kubectl('get', 'configmap', 'shared', '-o', 'jsonpath={.data.a}')).toBe('2')
    expect(await kubectl('apply', '--server-side', '--dry-run=server', '--field-manager=you', '-f', other)).toMatch(
      /serverside-applied/,
    )
  })

  it('registers a definition, waits for it and works with its objects', async () => {
    await kubectl('apply', '-f', manifest('crd.yaml', definition))
    await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com', '--timeout=10s')
    const widget = manifest(
      'widget.yaml',
      'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 3}\n',
    )
    await kubectl('apply', '-f', widget)
    expect(await kubectl('get', 'wd')).toMatch(/NAME\s+SIZE\s*\nw\s+3/)
    expect(await kubectl('get', 'wd', 'w', '-o', 'jsonpath={.spec.color}')).toBe('grey')
    manifest('widget.yaml', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 0}\n')
    expect(await kubectlFails('apply', '-f', widget)).toMatch(/should be greater than or equal to 1/)
    expect(await kubectl('explain', 'widgets.spec.size')).toMatch(/integer/)
    await kubectl('delete', 'crd', 'widgets.example.com', '--timeout=10s')
    expect(await kubectlFails('get', 'wd')).toMatch(/doesn't have a resource type|could not find/)
  })

  it('watches', async () => {
    await kubectl('create', 'configmap', 'first')
    const watch: ChildProcess = spawn('kubectl', ['get', 'configmaps', '-w', '-o', 'name'], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let seen = ''
    const saw = (text: string) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${text} in ${seen}`)), 10_000)
        const check = () => {
          if (!seen.includes(text)) return
          clearTimeout(timer)
          resolve()
        }
        watch.stdout!.on('data', (chunk: Buffer) => {
          seen += chunk.toString('utf8')
          check()
        })
        check()
      })
    try {
      await saw('configmap/first')
      await kubectl('create', 'configmap', 'second')
      await saw('configmap/second')
    } finally {
      watch.kill()
    }
  })

  it('collects garbage: what a deleted owner owned goes too', async () => {
    await kubectl('create', 'configmap', 'owner')
    const uid = await kubectl('get', 'configmap', 'owner', '-o', 'jsonpath={.metadata.uid}')
    const owned = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: owned\n  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: ${uid}}]\n`
    await kubectl('apply', '-f', manifest('owned.yaml', owned))
    await kubectl('delete', 'configmap', 'owner')
    await kubectl('wait', '--for=delete', 'configmap/owned', '--timeout=10s')
  })
})
