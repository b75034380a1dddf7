import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { valueAt } from '../base/json.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import { code } from '../forges/changes/index.ts'
import { type Mirror, openMirror } from '../git/index.ts'
import { conditionOf } from '../kube/condition.ts'
import { formatRef, type ObjectRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { WatchCache } from '../kube/watch/index.ts'
import { clusterPaths } from '../layout/index.ts'
import { formatSize } from '../specs/index.ts'
import { type CommitWords, commitScale, type PlannedScale } from './commit-scale.ts'
import { type FleetSync, findFleetSync } from './find-sync.ts'
import { kustomizationKind, listIfKnown } from './read-fleet.ts'
import { type Removal, refuseKept, removalIn } from './removal.ts'
import type { ScalePlan, ScaleRequest } from './scale.ts'
import { findEksctlCluster } from './scale-eksctl.ts'

export interface RemoveRequest extends Omit<ScaleRequest, 'targets' | 'revert' | 'onRevert'> {
  /** Whether the management cluster may go when no other is left. */
  readonly lastCluster?: boolean
  /** Wraps each effect on the world; tests end the process there. */
  readonly effect?: <T>(name: string, work: () => Promise<T>) => Promise<T>
}

/** What is removed, and what became of it. */
export interface RemoveResult extends ScalePlan {
  /** Paths that the commit takes away; empty when Git had none of them any more. */
  readonly files: readonly string[]
  /** Objects that the engine prunes. */
  readonly objects: readonly string[]
  /** The commit that was made; undefined for a dry run, and when Git had nothing of the cluster any more. */
  readonly commit: string | undefined
  readonly pullRequest?: string
  /** Whether the cluster's objects were seen to be gone. */
  readonly gone: boolean
}

interface PlannedRemoval extends PlannedScale {
  readonly removal: Removal | undefined
  /** Objects that must be gone in the end. */
  readonly awaited: readonly KubeObject[]
}

const clusterKind = { group: 'anywhere.eks.amazonaws.com', version: 'v1alpha1', kind: 'Cluster' } as const

/**
 * Takes a workload cluster out of the fleet by one commit, and follows until its objects are gone. Only files of the
 * cluster that Sluice or EKS Anywhere made are touched. Run again after an end anywhere, it goes on where it was.
 *
 * @throws E_FLEET_REMOVE_REFUSED, E_FLEET_CLUSTER_UNKNOWN, E_FLEET_GUARDRAIL, E_FLEET_FOLLOW_TIMEOUT, E_GIT_…
 */
export async function removeCluster(request: RemoveRequest): Promise<RemoveResult> {
  const { client, signal, cluster } = request
  const sync = await findFleetSync(client, signal)
  if (await findEksctlCluster(client, cluster, signal)) {
    throw new SluiceError('E_FLEET_REMOVE_REFUSED', {
      object: `EksctlCluster ${cluster}`,
      expected: 'a cluster of EKS Anywhere',
      seen: 'one of eksctl, which no file of the fleet made',
      next: `Delete it with eksctl delete cluster --name ${cluster}, then sluice uninstall for what is left.`,
    })
  }
  const ref = { ...kustomizationKind, namespace: sync.namespace, name: sync.kustomizationName }
  const kustomization = await client.get(ref, { signal })
  const parent = join(request.dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'remove-'))
  const mirror = await openMirror(dir)
  const effect = request.effect ?? ((_name, work) => work())
  try {
    const before = await hadFolder(request, sync, mirror)
    const plan = (tree: FileTree) => planRemoval(request, sync, kustomization, before, tree)
    const wish: ScaleRequest = { ...request, targets: [] }
    const { planned, commit, pushed, pullRequest } = await effect('cluster.commit', () =>
      commitScale(wish, sync, mirror, plan, wordsOf(cluster)),
    )
    const result = {
      ...planned.plan,
      files: planned.removal?.files.map(file => file.path) ?? [],
      objects: planned.awaited.map(object => formatRef(refOf(object))),
      commit: pushed ? commit : undefined,
      ...(pullRequest === undefined ? {} : { pullRequest }),
    }
    if (request.dryRun) return { ...result, gone: false }
    await effect('cluster.follow', () => untilGone(request, ref, pushed ? commit : undefined, planned.awaited))
    return { ...result, gone: true }
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

async function planRemoval(
  request: RemoveRequest,
  sync: FleetSync,
  kustomization: KubeObject,
  hadOne: boolean,
  tree: FileTree,
): Promise<PlannedRemoval> {
  const { client, cluster, signal } = request
  const removal = await removalIn(tree, sync, cluster, request.lastCluster === true)
  if (!removal) {
    // An earlier run may have come so far: then only following is left.
    const awaited = (await listIfKnown(client, clusterKind, signal)).filter(one => one.metadata.name === cluster)
    if (awaited.length === 0 && !hadOne) {
      throw new SluiceError('E_FLEET_CLUSTER_UNKNOWN', {
        object: `Cluster/${cluster} below ${sync.path}`,
        seen: 'neither a file nor an object of it',
      })
    }
    const path = clusterPaths(sync.path, cluster).root
    return { removal, awaited, changes: [], plan: { path, branch: sync.branch, diff: '', counts: [] } }
  }
  const awaited = removal.objects.map(placed)
  refuseKept(kustomization, await Promise.all(awaited.map(object => client.find(refOf(object), { signal }))))
  return {
    removal,
    awaited,
    changes: removal.files.map(({ path }) => ({ path, content: undefined })),
    plan: {
      path: removal.folder,
      branch: sync.branch,
      diff: removal.files.map(({ path, text }) => unifiedDiff(path, text, undefined)).join(''),
      counts: removal.counts,
    },
  }
}

/** Whether a commit of not long ago was about the cluster's folder. */
async function hadFolder(
  { cluster, repositoryFor, signal }: RemoveRequest,
  sync: FleetSync,
  mirror: Mirror,
): Promise<boolean> {
  const { remote } = repositoryFor(sync.url)
  const { commit } = await mirror.fetch(remote, `refs/heads/${sync.branch}`, { depth: 200, signal })
  const { root } = clusterPaths(sync.path, cluster)
  return (await mirror.log(commit, { path: root, limit: 1, signal })).length > 0
}

/** Waits until the objects are gone: machines take their time. A commit that the engine cannot apply ends the wait. */
async function untilGone(
  { client, clock, signal, timeoutMs, onProgress, cluster }: RemoveRequest,
  sync: ObjectRef,
  commit: string | undefined,
  objects: readonly KubeObject[],
): Promise<void> {
  const cache = new WatchCache(client, { clock })
  const timeUp = AbortSignal.timeout(timeoutMs)
  const done = new AbortController()
  const any = AbortSignal.any([signal, timeUp, done.signal])
  const failed = cache.waitFor(sync, object => failureOf(object, commit) !== undefined, any)
  const waiting = new Set(objects.map(object => formatRef(refOf(object))))
  const say = () => {
    const [next] = waiting
    const waitingFor = next === undefined ? undefined : `${next} to go`
    onProgress?.({ stage: next === undefined ? 'ready' : 'applied', at: clock.monotonic(), waitingFor })
  }
  try {
    say()
    const gone = Promise.all(
      objects.map(async object => {
        await cache.waitFor(refOf(object), one => one === undefined || one.metadata.uid === undefined, any)
        waiting.delete(formatRef(refOf(object)))
        say()
      }),
    )
    await Promise.race([
      gone,
      failed.then(object => {
        throw new SluiceError('E_FLEET_NOT_APPLIED', { object: formatRef(sync), seen: failureOf(object, commit) ?? '' })
      }),
    ])
  } catch (error) {
    signal.throwIfAborted()
    if (!timeUp.aborted) throw error
    throw new SluiceError('E_FLEET_FOLLOW_TIMEOUT', {
      object: `Cluster/${cluster}`,
      seen: `still there: ${[...waiting].join(', ')}`,
    })
  } finally {
    done.abort()
    failed.catch(() => undefined)
    cache.stop()
  }
}

function failureOf(kustomization: KubeObject | undefined, commit: string | undefined): string | undefined {
  const ready = conditionOf(kustomization, 'Ready')
  const attempted = valueAt(kustomization, ['status', 'lastAttemptedRevision'])
  if (commit === undefined || ready?.status !== 'False' || typeof attempted !== 'string') return undefined
  return attempted.endsWith(`:${commit}`) ? `${ready.reason}: ${ready.message ?? ''}` : undefined
}

/** An object as it stands in the cluster: without a namespace in its file it is in `default`. */
function placed(object: KubeObject): KubeObject {
  return object.metadata.namespace === undefined
    ? { ...object, metadata: { ...object.metadata, namespace: 'default' } }
    : object
}

function wordsOf(cluster: string): CommitWords {
  return {
    key: `remove ${cluster}`,
    message: plan =>
      `Remove ${cluster} from the fleet\n\nIts machines go with it: ${(plan?.counts ?? []).map(one => `${one.group} ${formatSize(one.from)}`).join(', ')}.\nTo have it back as a new cluster: git revert this commit.\n`,
    describe: plan => ({
      what: [
        `${code(cluster)} with ${(plan?.counts ?? []).map(one => code(`${one.group} ${formatSize(one.from)}`)).join(', ')}`,
      ],
      why: `Asked for with ${code(`sluice cluster remove ${cluster}`)}.`,
      after: 'The engine prunes its objects and EKS Anywhere deletes its machines; the command waits for that.',
    }),
  }
}
