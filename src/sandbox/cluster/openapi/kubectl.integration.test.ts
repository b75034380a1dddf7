import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SandboxCluster, startCluster } from '../start.ts'

// kubectl decides by the OpenAPI documents how it validates, explains and works out patches.
const run = promisify(execFile)
const hasKubectl = spawnSync('kubectl', ['version', '--client'], { timeout: 20_000 }).status === 0

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description: 'A thing that does something.',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: { size: { type: 'integer', description: 'How big it is.', minimum: 1 } },
              },
            },
          },
        },
      },
    ],
  },
}

const deployment = (image: string): unknown => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'a', image, env: [{ name: 'X', value: '1' }] }] },
    },
  },
})

const widget = (spec: unknown): unknown => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'default' },
  spec,
})

describe.skipIf(!hasKubectl)('kubectl', () => {
  let cluster: SandboxCluster
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-openapi-'))
    cluster = await startCluster()
    writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig(), { mode: 0o600 })
    await apply(definition)
    await kubectl('wait', '--for=condition=Established', 'crd/widgets.example.com', '--timeout=20s')
  })
  afterAll(async () => {
    await cluster?.close()
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  })

  /** What kubectl printed; its exit code may be other than 0. */
  async function kubectl(...words: string[]): Promise<{ out: string; failed: boolean }> {
    const flags = ['--kubeconfig', join(folder, 'kubeconfig'), '--cache-dir', join(folder, 'cache')]
    try {
      const { stdout, stderr } = await run('kubectl', [...flags, ...words], { timeout: 60_000 })
      return { out: stdout + stderr, failed: false }
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      return { out: stdout + stderr, failed: true }
    }
  }

  async function apply(object: unknown, ...words: string[]): Promise<{ out: string; failed: boolean }> {
    const file = join(folder, 'object.json')
    writeFileSync(file, JSON.stringify(object))
    return await kubectl('apply', '-f', file, ...words)
  }

  test('explains builtin and custom kinds', async () => {
    expect((await kubectl('explain', 'deployments.spec.strategy')).out).toContain('rollingUpdate')
    const { out } = await kubectl('explain', 'widgets.spec')
    expect(out).toContain('How big it is.')
    expect(out).toContain('-required-')
  })

  test('applies a change to a list by its keys, without warnings', async () => {
    expect((await apply(deployment('a:1'))).out).toBe('deployment.apps/web created\n')
    expect((await apply(deployment('a:2'))).out).toBe('deployment.apps/web configured\n')
    expect((await apply(deployment('a:2'))).out).toBe('deployment.apps/web unchanged\n')
  })

  test('tells unknown fields and broken rules of a custom kind', async () => {
    const unknown = await apply(widget({ size: 1, ghost: 2 }))
    expect(unknown).toMatchObject({ failed: true, out: expect.stringContaining('unknown field "spec.ghost"') })
    const broken = await apply(widget({ size: 0 }))
    expect(broken.out).toContain('spec.size in body should be greater than or equal to 1')
  })

  test('shows what would change, and the columns of a custom kind', async () => {
    await apply(widget({ size: 3 }))
    writeFileSync(join(folder, 'next.json'), JSON.stringify(widget({ size: 4 })))
    const { out } = await kubectl('diff', '-f', join(folder, 'next.json'))
    expect(out).toContain('-  size: 3')
    expect(out).toContain('+  size: 4')
    expect((await kubectl('get', 'widgets')).out).toMatch(/NAME\s+SIZE\s*\nw\s+3\s*\n/)
  })
})
