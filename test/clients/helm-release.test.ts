import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fluxKinds } from '../../src/specs/index.ts'
import { helms, kubectls } from './binaries.ts'
import { writeChart } from './chart.ts'
import { ClusterProcess } from './cluster-process.ts'
import { Tool } from './tool.ts'

const main = process.env['SLUICE_TEST_MAIN'] ?? fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

// A chart repository, the API server, the engine and helm as processes of their own; the engine is killed on the way.
describe.skipIf(helms.length === 0 || kubectls.length === 0)('releases by an engine that is killed', () => {
  const server = new ClusterProcess()
  let repository: Server
  let kubectl: Tool
  let helm: Tool
  let engine: ChildProcess | undefined
  const start = () => {
    engine = spawn(
      process.execPath,
      [
        main,
        'engine',
        '--kubeconfig',
        server.kubeconfig,
        '--data',
        join(server.dir, 'engine'),
        '--default-service-account',
        '',
      ],
      {
        stdio: 'ignore',
        env: { PATH: process.env['PATH'] ?? '', HOME: server.dir, SLUICE_HELM: helms[0]!.path },
      },
    )
  }
  const kill = async () => {
    const gone = new Promise(resolve => engine?.once('exit', resolve))
    engine?.kill('SIGKILL')
    await gone
  }
  const release = (values: object) =>
    kubectl.run(['apply', '-f', '-'], {
      stdin: JSON.stringify({
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          interval: '10m',
          timeout: '2m',
          chart: { spec: { chart: 'killed', sourceRef: { kind: 'HelmRepository', name: 'charts' } } },
          values,
        },
      }),
    })
  const until = async (what: string, args: readonly string[], pattern: RegExp) => {
    const end = Date.now() + 60_000
    for (;;) {
      const { stdout } = await kubectl.run(args, { codes: [0, 1] })
      if (pattern.test(stdout)) return
      if (Date.now() > end) throw new Error(`${what} never came: ${stdout}`)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  const stored = (version: number, status: string) =>
    until(
      `revision ${version}`,
      ['get', 'secret', `sh.helm.release.v1.web.v${version}`, '-o', 'jsonpath={.metadata.labels.status}'],
      new RegExp(`^${status}$`),
    )
  const ready = (message: RegExp) =>
    until(
      'Ready',
      [
        'get',
        'helmrelease',
        'web',
        '-o',
        'jsonpath={range .status.conditions[?(@.type=="Ready")]}{.status} {.message}{end}',
      ],
      message,
    )

  beforeAll(async () => {
    await server.start()
    kubectl = new Tool(kubectls[0]!.path, `${server.dir}/kubectl`, server.kubeconfig, 'default')
    helm = new Tool(helms[0]!.path, `${server.dir}/helm`, server.kubeconfig, 'default')
    const folder = writeChart(helm, 'killed', {
      configMap: true,
      extra:
        '{{ if .Values.stuck }}\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: stuck}\nspec:\n  selector: {matchLabels: {app: stuck}}\n  template:\n    metadata: {labels: {app: stuck}}\n    spec: {nodeSelector: {no: such}, containers: [{name: a, image: "a:1"}]}\n{{ end }}\n',
    })
    await helm.ok('package', folder, '--destination', server.dir)
    const archive = readFileSync(join(server.dir, 'killed-0.1.0.tgz'))
    const digest = createHash('sha256').update(archive).digest('hex')
    repository = createServer((request, response) => {
      if (request.url === '/killed-0.1.0.tgz') return response.end(archive)
      const entry = {
        name: 'killed',
        version: '0.1.0',
        apiVersion: 'v2',
        urls: ['killed-0.1.0.tgz'],
        digest,
        created: '2026-01-01T00:00:00Z',
      }
      return response.end(JSON.stringify({ apiVersion: 'v1', entries: { killed: [entry] } }))
    })
    await new Promise<void>(resolve => repository.listen(0, '127.0.0.1', resolve))
    for (const kind of fluxKinds)
      await kubectl.run(['apply', '--server-side', '-f', '-'], { stdin: JSON.stringify(kind.crd()) })
    await until('the kind', ['get', 'helmreleases', '-o', 'name'], /^$/)
    const url = `http://127.0.0.1:${(repository.address() as AddressInfo).port}`
    const source = {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'HelmRepository',
      metadata: { name: 'charts' },
      spec: { url, interval: '10m' },
    }
    await kubectl.run(['apply', '-f', '-'], { stdin: JSON.stringify(source) })
  }, 60_000)
  afterAll(async () => {
    await kill()
    await new Promise(resolve => repository.close(resolve))
    await server.close()
  })

  it('finishes an installation and an upgrade that kill -9 cut off', async () => {
    start()
    await release({ value: 'one', stuck: true })
    await stored(1, 'pending-install')
    await kill()
    await release({ value: 'one' })
    start()
    await ready(/^True Helm upgrade succeeded for release default\/web\.v2 with chart killed@0\.1\.0$/)
    await release({ value: 'two', stuck: true })
    await stored(3, 'pending-upgrade')
    await kill()
    await release({ value: 'two' })
    start()
    await ready(/^True Helm upgrade succeeded for release default\/web\.v4 /)
    expect(await kubectl.ok('get', 'configmap', 'web', '-o', 'jsonpath={.data.value}')).toBe('two')
    expect(await helm.ok('history', 'web')).toMatch(/superseded.*\n.*superseded.*\n.*failed.*\n.*deployed/)
  }, 120_000)
})
