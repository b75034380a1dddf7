import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock } from '../../base/clock.ts'
import { createKubeClient, loadKubeConfig } from '../../kube/client/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { computeHealth } from '../../kube/health/index.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import { type SandboxCluster, startCluster } from '../cluster/start.ts'
import { startWorkloads, type Workloads } from './start.ts'

const run = promisify(execFile)

/** Whether kubectl is on the path. */
export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/** A sandbox cluster with its workloads, and kubectl beside it. */
export interface TestCluster {
  readonly client: KubeClient
  readonly cluster: SandboxCluster
  readonly workloads: Workloads
  /** Runs kubectl and gives what it printed; rejects with what it said on standard error. */
  kubectl(...args: string[]): Promise<string>
  /** `kubectl apply -f` of a text. */
  apply(text: string): Promise<string>
  /** Waits until kstatus finds the object Current, or fails with what it says after ten seconds. */
  current(ref: ObjectRef): Promise<void>
  close(): Promise<void>
}

/** Starts a cluster in memory. */
export async function startTestCluster(
  options: { readonly readyAfterMs?: number; readonly clock?: Clock } = {},
): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-workloads-'))
  const path = join(folder, 'kubeconfig')
  const clock = options.clock ? { clock: options.clock } : {}
  const cluster = await startCluster({ kubeconfigPath: path, controllers: true, ...clock })
  const client = createKubeClient(await loadKubeConfig({ path, env: {} }), { userAgent: 'sluice-test' })
  const workloads = await startWorkloads({ client, readyAfterMs: options.readyAfterMs ?? 20, ...clock })
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: path }
  const kubectl = async (...args: string[]) => {
    try {
      return (await run('kubectl', args, { env, timeout: 30_000 })).stdout
    } catch (error) {
      throw new Error(`kubectl ${args.join(' ')}: ${String((error as { stderr?: string }).stderr)}`)
    }
  }
  let files = 0
  return {
    client,
    cluster,
    workloads,
    kubectl,
    apply: text => {
      const file = join(folder, `${files++}.yaml`)
      writeFileSync(file, text)
      return kubectl('apply', '-f', file)
    },
    current: async ref => {
      const end = Date.now() + 10_000
      for (;;) {
        const health = computeHealth(await client.find(ref), { jobs: 'flux' })
        if (health.status === 'Current') return
        if (Date.now() > end) throw new Error(`${ref.kind}/${ref.name} is ${health.status}: ${health.message}`)
        await new Promise(resolve => setTimeout(resolve, 25))
      }
    },
    close: async () => {
      await workloads.close()
      await client.close()
      await cluster.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
