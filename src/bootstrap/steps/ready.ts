import { SluiceError } from '../../base/errors/index.ts'
import { valueAt } from '../../base/json.ts'
import { watchLost } from '../../forges/changes/watch-lost.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import {
  createInformer,
  firstLists,
  type Informer,
  type InformerOptions,
  type LookAgain,
  until,
} from '../../kube/watch/index.ts'
import { syncOf } from '../engine-objects.ts'
import { refuseOtherSync } from '../refuse-other-sync.ts'
import { lookAtBranch } from '../repository-view.ts'
import { deploymentKind, rolloutAwaited } from '../rollout.ts'
import type { BootstrapContext, BootstrapStep, RunState } from '../types.ts'

const kinds = {
  sources: { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' },
  kustomizations: { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' },
  clusters: { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' },
} as const

/** Reasons of a Kustomization that no waiting mends. */
const failures = ['BuildFailed', 'ReconciliationFailed', 'PruneFailed', 'ArtifactFailed', 'HealthCheckFailed']

/** How long a cluster may report a failure before it counts, in milliseconds. */
const graceMs = 10_000

interface Seen {
  readonly source: KubeObject | undefined
  readonly kustomization: KubeObject | undefined
  readonly clusters: readonly (readonly [name: string, object: KubeObject | undefined])[]
  /** The controllers of real Flux; none with our engine. */
  readonly controllers: readonly (readonly [name: string, object: KubeObject | undefined])[]
}

/** Waits until the cluster agrees with Git: the revision is applied and every cluster of the fleet is Ready. */
export const readyStep: BootstrapStep = {
  id: 'ready',
  title: 'wait until the cluster agrees with Git',
  async inspect(context, state) {
    const waiting =
      state.dryRun && state.commit === undefined ? 'the commit to be made' : await waitingNow(context, state)
    return {
      id: 'ready',
      title: this.title,
      state: waiting === undefined ? 'done' : 'to-do',
      summary: waiting === undefined ? 'the cluster agrees with Git' : `wait for ${waiting}`,
      changes: [],
    }
  },
  async apply(context, state) {
    await askFetch(context)
    await waitReady(context, state)
    const count = context.fleet.clusters.length
    if (count === 0) return { summary: `the cluster agrees with Git at ${state.commit?.slice(0, 7)}` }
    return { summary: `${count} ${count === 1 ? 'cluster is' : 'clusters are'} Ready at ${state.commit?.slice(0, 7)}` }
  },
}

/** Has the source looked at now: a Git host that tells nobody of a push would be asked only when the interval is over. */
async function askFetch({ client, clock, fleet, signal }: BootstrapContext): Promise<void> {
  const annotations = { 'reconcile.fluxcd.io/requestedAt': clock.now().toISOString() }
  const ref = { ...kinds.sources, namespace: fleet.namespace, name: fleet.namespace }
  await client
    .patch(ref, 'merge', { metadata: { annotations } }, { fieldManager: 'flux', signal })
    .catch(() => undefined)
}

async function waitingNow(context: BootstrapContext, state: RunState): Promise<string | undefined> {
  const { client, fleet, signal } = context
  const at = (kind: (typeof kinds)[keyof typeof kinds] | typeof deploymentKind, namespace: string, name: string) =>
    client.find({ ...kind, namespace, name }, { signal })
  const [source, kustomization, ...clusters] = await Promise.all([
    at(kinds.sources, fleet.namespace, fleet.namespace),
    at(kinds.kustomizations, fleet.namespace, fleet.namespace),
    ...fleet.clusters.map(cluster => at(kinds.clusters, cluster.namespace, cluster.name)),
  ])
  // The plan of a dry run has told of another sync already.
  if (!state.dryRun) refuseOtherSync(context, syncOf(context, state), [source, kustomization])
  const names = state.controllers ?? []
  const controllers = await Promise.all(
    names.map(async name => [name, await at(deploymentKind, fleet.namespace, name)] as const),
  )
  return awaited(
    {
      controllers,
      source,
      kustomization,
      clusters: fleet.clusters.map((one, i) => [one.name, clusters[i]] as const),
    },
    state,
  )
}

async function waitReady(context: BootstrapContext, state: RunState): Promise<void> {
  const { fleet, signal, clock, logger } = context
  const names = state.controllers ?? []
  let trouble: string | undefined
  const onTransition: InformerOptions['onTransition'] = (state, error) => {
    if (state !== 'disconnected' || !(error instanceof SluiceError) || error.message === trouble) return
    trouble = error.message
    context.onEvent?.({ type: 'step-progress', step: 'ready', text: `the cluster does not answer: ${trouble}` })
  }
  const informer = (
    kind: (typeof kinds)[keyof typeof kinds] | typeof deploymentKind,
    scope: { readonly namespace?: string } = {},
  ) => createInformer(context.client, kind, { ...scope, onTransition }, { clock, logger })
  const informers = {
    sources: informer(kinds.sources),
    kustomizations: informer(kinds.kustomizations),
    // An eksctl cluster does not know the kind, and waiting for it to appear would never end.
    ...(fleet.clusters.length === 0 ? {} : { clusters: informer(kinds.clusters) }),
    ...(names.length > 0 && { controllers: informer(deploymentKind, { namespace: fleet.namespace }) }),
  }
  const all: Informer[] = Object.values(informers)
  const sync = syncOf(context, state)
  try {
    await firstLists(context.client, pairs(informers), { signal })
    const now = (): Seen => ({
      source: informers.sources.get(fleet.namespace, fleet.namespace),
      kustomization: informers.kustomizations.get(fleet.namespace, fleet.namespace),
      clusters: fleet.clusters.map(one => [one.name, informers.clusters?.get(one.namespace, one.name)] as const),
      controllers: names.map(name => [name, informers.controllers?.get(fleet.namespace, name)] as const),
    })
    // A forced push back to where the branch was leaves a source that has nothing new, for ever.
    const lost = watchLost({
      clock,
      revision: () => revisionOf(now().source),
      isThere: revision => revision !== state.fetchedBefore || hasCommit(revision, state.commit),
      isLost: async () => {
        const { tip } = await lookAtBranch(context)
        return tip !== state.commit && (tip === undefined || hasCommit(state.fetchedBefore, tip))
      },
      problem: () =>
        new SluiceError('E_FLEET_COMMIT_LOST', {
          object: `${fleet.branch} of ${context.forge.remote(fleet.owner, fleet.repository).url}`,
          expected: `commit ${state.commit?.slice(0, 7)}, which was there`,
          seen: `the branch as it was before`,
        }),
    })
    let said: string | undefined
    let failingSince: number | undefined
    const look = (again: LookAgain): true | undefined => {
      const seen = now()
      trouble = undefined
      // Two bootstraps that began at once may both have found nothing here: the later one has won.
      refuseOtherSync(context, sync, [seen.source, seen.kustomization])
      refuseFailure(seen, state)
      refuseLaterFailure(seen, state)
      // A cluster may report what is missing while it is still being applied: only what stays is a failure.
      const stuck = clusterFailure(seen)
      if (stuck && failingSince !== undefined && clock.monotonic() - failingSince >= graceMs) throw stuck
      if (stuck && failingSince === undefined) again(graceMs + 50)
      failingSince = stuck ? (failingSince ?? clock.monotonic()) : undefined
      const waiting = awaited(seen, state)
      if (waiting === undefined) return true
      lost.look(again)
      if (waiting !== said) context.onEvent?.({ type: 'step-progress', step: 'ready', text: `waiting for ${waiting}` })
      said = waiting
      return undefined
    }
    const onTimeout = () =>
      new SluiceError('E_BOOTSTRAP_NOT_READY', {
        seen: `still waiting for ${awaited(now(), state) ?? 'nothing'}${trouble === undefined ? '' : `; the cluster does not answer: ${trouble}`}`,
      })
    const stop = new AbortController()
    try {
      const options = { signal: AbortSignal.any([signal, stop.signal]), timeoutMs: context.timeoutMs, onTimeout }
      const reached = until(all, look, options)
      reached.catch(() => {})
      await Promise.race([reached, lost.failed])
    } finally {
      stop.abort()
    }
  } finally {
    for (const informer of all) informer.stop()
  }
}

function pairs(
  informers: Readonly<Record<'sources' | 'kustomizations', Informer>> & {
    readonly clusters?: Informer
    readonly controllers?: Informer
  },
): (readonly [(typeof kinds)[keyof typeof kinds] | typeof deploymentKind, Informer])[] {
  return (['sources', 'kustomizations', 'clusters', 'controllers'] as const).flatMap(name => {
    const informer = informers[name]
    return informer ? [[name === 'controllers' ? deploymentKind : kinds[name], informer] as const] : []
  })
}

function revisionOf(source: KubeObject | undefined): unknown {
  return valueAt(source, ['status', 'artifact', 'revision'])
}

function hasCommit(revision: unknown, commit: string | undefined): boolean {
  return typeof revision === 'string' && commit !== undefined && revision.endsWith(`:${commit}`)
}

/** What is awaited next, in a phrase; undefined when everything is Ready. */
function awaited(
  { source, kustomization, clusters, controllers }: Seen,
  { commit, fetchedBefore }: RunState,
): string | undefined {
  const rollout = rolloutAwaited(controllers)
  if (rollout !== undefined) return rollout
  const revision = revisionOf(source)
  // Anything newer than what was there before is the fleet's commit, or a push on top of it.
  if (revision === undefined || (!hasCommit(revision, commit) && revision === fetchedBefore)) {
    return `the source to fetch ${commit?.slice(0, 7)}${said(source)}`
  }
  if (valueAt(kustomization, ['status', 'lastAppliedRevision']) !== revision) {
    return `the Kustomization to apply ${commit?.slice(0, 7)}${said(kustomization)}`
  }
  for (const [name, cluster] of clusters) {
    const ready = conditionOf(cluster, 'Ready')
    const current = valueAt(cluster, ['status', 'observedGeneration']) === cluster?.metadata.generation
    if (ready?.status !== 'True' || !current) return `cluster ${name} to be Ready${said(cluster)}`
  }
  return undefined
}

/** A failure that no waiting mends. */
function refuseFailure({ kustomization }: Seen, { commit }: RunState): void {
  const ready = conditionOf(kustomization, 'Ready')
  if (
    kustomization &&
    ready?.status === 'False' &&
    failures.includes(ready.reason ?? '') &&
    hasCommit(valueAt(kustomization, ['status', 'lastAttemptedRevision']), commit)
  ) {
    throw new SluiceError('E_BOOTSTRAP_SYNC_FAILED', {
      object: `Kustomization/${kustomization.metadata.namespace}/${kustomization.metadata.name}`,
      seen: `${ready.reason}: ${ready.message ?? ''}`,
    })
  }
}

/** A newer revision than ours that fails: somebody pushed on top of it, or took it away by force. */
function refuseLaterFailure({ source, kustomization }: Seen, { commit, fetchedBefore }: RunState): void {
  const revision = revisionOf(source)
  if (revision === fetchedBefore || hasCommit(revision, commit)) return
  if (valueAt(kustomization, ['status', 'lastAttemptedRevision']) !== revision) return
  const ready = conditionOf(kustomization, 'Ready')
  if (ready?.status !== 'False' || !failures.includes(ready.reason ?? '')) return
  throw new SluiceError('E_BOOTSTRAP_SYNC_FAILED', {
    object: `Kustomization/${kustomization?.metadata.namespace}/${kustomization?.metadata.name}`,
    seen: `${String(revision)}, pushed after ${commit?.slice(0, 7)} of this bootstrap: ${ready.reason}: ${ready.message ?? ''}`,
    next: 'See with `git log` who moved the branch; mend it, then run the same command again.',
  })
}

/** A failure that a cluster reports although its revision was applied. */
function clusterFailure({ source, kustomization, clusters }: Seen): SluiceError | undefined {
  if (valueAt(kustomization, ['status', 'lastAppliedRevision']) !== revisionOf(source)) return undefined
  for (const [name, cluster] of clusters) {
    const message = valueAt(cluster, ['status', 'failureMessage'])
    if (typeof message === 'string' && message !== '') {
      return new SluiceError('E_BOOTSTRAP_SYNC_FAILED', { object: `Cluster/${name}`, seen: message })
    }
  }
  return undefined
}

function said(object: KubeObject | undefined): string {
  if (valueAt(object, ['spec', 'suspend']) === true) {
    const kind = object?.kind === 'GitRepository' ? 'source git' : 'kustomization'
    const { namespace, name } = object?.metadata ?? {}
    return ` (it is suspended: sluice resume ${kind} ${name} -n ${namespace})`
  }
  const ready = conditionOf(object, 'Ready')
  return ready && ready.status !== 'True' && ready.message ? ` (${ready.message})` : ''
}
