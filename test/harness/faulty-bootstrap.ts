import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import { applyBootstrap, type BootstrapContext, type BootstrapReport } from '../../src/bootstrap/index.ts'
import { createGitHubForge } from '../../src/forges/index.ts'
import { createKubeClient, fixedCredentials, type KubeClient } from '../../src/kube/client/index.ts'
import { FaultProxy } from '../slow/faults/harness/fault-proxy.ts'
import { exampleFleet, type LocalFixture } from './local-fixture.ts'

/** A context on a local system; the Git host is asked as a person's token asks it. */
export async function bootstrapContext(
  { system, dataDir }: LocalFixture,
  more: Partial<BootstrapContext> = {},
): Promise<BootstrapContext> {
  return {
    fleet: await exampleFleet(),
    forge: createGitHubForge({ host: system.forge.url, token: system.token, userAgent: 'sluice-test' }),
    client: system.client,
    dataDir,
    clock: systemClock,
    logger: silentLogger,
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    ...more,
  }
}

/** Runs a bootstrap in which something happens to the world right before, or right after, one effect. */
export function bootstrapWith(
  context: BootstrapContext,
  when: 'before' | 'after',
  name: string,
  happens: () => unknown,
): Promise<BootstrapReport> {
  return applyBootstrap({
    ...context,
    effect: async (effect, work) => {
      if (effect === name && when === 'before') await happens()
      const result = await work()
      if (effect === name && when === 'after') await happens()
      return result
    },
  })
}

/** The API server of a local system behind a proxy that can go away. */
export async function faultyCluster({ system }: LocalFixture): Promise<{
  readonly client: KubeClient
  readonly proxy: FaultProxy
  /** Refuses every connection from now on, and cuts the open ones. */
  goAway(): void
  comeBack(): void
  close(): Promise<void>
}> {
  const proxy = await FaultProxy.open(system.cluster.url, system.cluster.caPem)
  const access = {
    name: 'faulty',
    server: proxy.url,
    namespace: 'default',
    tls: { insecure: false },
    credentials: fixedCredentials({ token: system.cluster.adminToken }),
  }
  const client = createKubeClient(access, { userAgent: 'sluice-test' })
  return {
    client,
    proxy,
    goAway: () => {
      proxy.fault = (_, response) => {
        response.destroy()
        return 'handled'
      }
      proxy.cut()
    },
    comeBack: () => {
      proxy.fault = () => 'pass'
    },
    close: async () => {
      await client.close()
      await proxy.close()
    },
  }
}

/** The lines that a person sees of a report: outcome, error and the steps that were not run. */
export function told({ outcome, error, steps }: BootstrapReport) {
  return {
    outcome,
    code: error?.code,
    steps: steps.map(step => `${step.id} ${step.outcome}`),
  }
}
