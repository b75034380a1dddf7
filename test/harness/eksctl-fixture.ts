import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createKubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { type SandboxAws, startAws } from '../../src/sandbox/aws/index.ts'
import type { EksctlCluster } from '../../src/specs/index.ts'
import { type LocalFixture, startFixture } from './local-fixture.ts'
import { type Run, runSluice } from './run-sluice.ts'

/** The example ClusterConfig: the cluster `shop`. */
export const eksctlExample = fileURLToPath(new URL('../../examples/eksctl/cluster.yaml', import.meta.url))
const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export const shopRef = {
  group: 'fleet.sluice.dev',
  version: 'v1alpha1',
  kind: 'EksctlCluster',
  namespace: 'flux-system',
  name: 'shop',
} as const

/** A local system and an AWS-shaped endpoint with the cluster of the example. */
export class EksctlFixture {
  readonly local: LocalFixture
  readonly aws: SandboxAws
  readonly client: KubeClient
  readonly #ends: (() => Promise<unknown>)[] = []

  private constructor(local: LocalFixture, aws: SandboxAws, client: KubeClient) {
    this.local = local
    this.aws = aws
    this.client = client
  }

  static async start(): Promise<EksctlFixture> {
    const local = await startFixture()
    const aws = await startAws({ updateMs: 50 })
    aws.admin.addCluster('shop')
    const access = await loadKubeConfig({ path: join(local.dataDir, 'kubeconfig'), env: {} })
    return new EksctlFixture(local, aws, createKubeClient(access, { userAgent: 'test' }))
  }

  /** Called when the fixture is closed, last one first. */
  after(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end()
    await this.client.close()
    await this.aws.close()
    await this.local.close()
  }

  bootstrap(file = eksctlExample): Promise<Run> {
    return runSluice(['bootstrap', '-f', file, '--yes', ...this.local.args])
  }

  /** Starts `sluice nodegroups run` as a process of its own; resolves with the signal that ended it. */
  follow(env: Record<string, string> = {}): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, [main, 'nodegroups', 'run', '--poll', '100ms', ...this.local.args], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        NO_COLOR: '1',
        AWS_ENDPOINT_URL: this.aws.url,
        AWS_ACCESS_KEY_ID: 'AKIDSANDBOX',
        AWS_SECRET_ACCESS_KEY: 'sandbox',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...env,
      },
      stdio: 'ignore',
    })
    const ended = new Promise<NodeJS.Signals | null>(resolve => child.once('close', (_, signal) => resolve(signal)))
    this.after(() => {
      child.kill('SIGTERM')
      return ended
    })
    return ended
  }

  async cluster(): Promise<EksctlCluster | undefined> {
    return (await this.client.find(shopRef)) as EksctlCluster | undefined
  }

  async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + 60_000
    for (;;) {
      const found = await look()
      if (found !== undefined) return found
      if (performance.now() > deadline) throw new Error(`${what}: ${JSON.stringify(await this.cluster(), null, 1)}`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  ready(): Promise<EksctlCluster> {
    return this.until('the cluster to be Ready', async () => {
      const object = await this.cluster()
      const conditions = object?.status?.conditions ?? []
      return conditions.some(one => one.type === 'Ready' && one.status === 'True') ? object : undefined
    })
  }
}
