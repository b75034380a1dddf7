import { asSluiceError, SluiceError } from '../base/errors/index.ts'
import { engineStanding, standingWarning } from '../engine/index.ts'
import { type CheckLine, checkToken } from '../forges/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { checkContent } from './check-content.ts'
import type { BootstrapContext } from './types.ts'

/** The kind without which nothing of the fleet could be applied. */
const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const

/** Everything that is looked at before anything is written: the token on its host, then the cluster. Reads only. */
export async function* preflight(
  context: Pick<
    BootstrapContext,
    'fleet' | 'forge' | 'clock' | 'signal' | 'adopt' | 'review' | 'signer' | 'flux' | 'place'
  > &
    Partial<Pick<BootstrapContext, 'client' | 'dataDir'>>,
): AsyncGenerator<CheckLine> {
  const { fleet, forge, signal } = context
  const { owner, personal, repository, branch } = fleet
  const review = context.review !== 'never'
  const target = { owner, personal, repository, branch, review, signs: context.signer !== undefined }
  const lines: CheckLine[] = []
  for await (const line of checkToken(forge, target, signal)) {
    lines.push(line)
    yield line
  }
  if (context.dataDir !== undefined) yield* checkContent({ ...context, dataDir: context.dataDir }, lines)
  if (context.client) yield* checkCluster({ ...context, client: context.client })
}

async function* checkCluster({
  fleet,
  client,
  clock,
  signal,
}: Pick<BootstrapContext, 'fleet' | 'client' | 'clock' | 'signal'>): AsyncGenerator<CheckLine> {
  const reach = { id: 'cluster.reachable', title: 'the cluster answers' }
  const kinds = { id: 'cluster.kinds', title: 'the cluster knows the kinds of EKS Anywhere' }
  const started = clock.monotonic()
  const ms = () => Math.round((clock.monotonic() - started) * 10) / 10
  let known: boolean
  try {
    const { gitVersion } = await client.request<{ gitVersion?: string }>({ path: '/version', signal })
    yield {
      ...reach,
      status: 'pass',
      ms: ms(),
      detail: `${client.server}, Kubernetes ${gitVersion ?? 'of unknown version'}`,
    }
    known = (await client.resourceFor(clusterKind, { signal })) !== undefined
  } catch (thrown) {
    signal.throwIfAborted()
    yield failLine(reach, thrown, ms())
    yield { ...kinds, status: 'not-run', ms: 0, detail: `waits for: ${reach.title}` }
    return
  }
  // Who may not list controllers and Leases learns it from the engine that he starts.
  const warning = await engineStanding(client, clock.now(), signal).then(standingWarning, () => undefined)
  signal.throwIfAborted()
  const standing = { id: 'cluster.engine', title: 'no change of the engine was left midway' }
  if (warning !== undefined) yield { ...standing, status: 'warn', ms: ms(), detail: warning }
  if (fleet.clusters.length === 0) yield* checkNoFluxV1(client, signal)
  else if (known) yield { ...kinds, status: 'pass', ms: ms(), detail: 'anywhere.eks.amazonaws.com/v1alpha1' }
  else yield failLine(kinds, new SluiceError('E_BOOTSTRAP_CLUSTER_KINDS', { object: client.server }), ms())
}

/** What `eksctl enable flux` looks at first: a Deployment named exactly `flux`, in any namespace, is Flux v1. */
async function* checkNoFluxV1(client: KubeClient, signal: AbortSignal): AsyncGenerator<CheckLine> {
  const check = { id: 'cluster.flux-v1', title: 'the cluster does not run Flux v1' }
  const kind = { group: 'apps', version: 'v1', kind: 'Deployment' }
  const { items } = await client.list(kind, { fieldSelector: 'metadata.name=flux', signal })
  const [found] = items
  if (found === undefined) yield { ...check, status: 'pass', ms: 0 }
  else {
    const object = `Deployment/${found.metadata.namespace}/${found.metadata.name}`
    yield failLine(check, new SluiceError('E_EKSCTL_FLUX_V1', { object }), 0)
  }
}

function failLine(check: { id: string; title: string }, thrown: unknown, ms: number): CheckLine {
  const error = asSluiceError(thrown)
  return { ...check, status: 'fail', ms, detail: error.message, fix: error.next, code: error.code }
}
