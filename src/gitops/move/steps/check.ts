import { SluiceError } from '../../../base/errors/index.ts'
import { memoryTree } from '../../../base/file-tree.ts'
import { valueAt } from '../../../base/json.ts'
import { problemOf } from '../../../bootstrap/index.ts'
import { findFleetSync } from '../../../fleet/find-sync.ts'
import { gitRepositoryKind, kustomizationKind } from '../../../fleet/read-fleet.ts'
import { checkToken } from '../../../forges/index.ts'
import { checkBranchName } from '../../../git/index.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { fleetFolder } from '../../../layout/index.ts'
import type { GitOpsChange, GitOpsStep } from '../../steps.ts'
import { configChanges } from '../configs.ts'
import { readText, syncFileOf } from '../content.ts'
import { fetchBranch } from '../fetch.ts'
import { refuseLeftBehind } from '../left-behind.ts'
import { differences, isSameLocation, type Place, placeOf, readSyncFile } from '../place.ts'
import { movingSecret } from '../secret.ts'
import type { Found, MoveContext, MoveStage, MoveState } from '../types.ts'
import { inventoryUids } from '../uids.ts'
import { refuseUnfit } from './target.ts'

/** Looks at the cluster, at what it follows, and whether the new place can be written to. It writes nothing. */
export const checkStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'check',
  title: 'look at the cluster and at both places',
  async inspect(context, state) {
    const { client, signal, target } = context
    const sync = await findFleetSync(client, signal)
    const [source, kustomization] = await Promise.all([
      client.get({ ...gitRepositoryKind, namespace: sync.namespace, name: sync.sourceName }, { signal }),
      client.get({ ...kustomizationKind, namespace: sync.namespace, name: sync.kustomizationName }, { signal }),
    ])
    for (const object of [source, kustomization]) refuseSuspended(object)
    if (sync.sourceName !== sync.namespace || sync.kustomizationName !== sync.namespace)
      throw new SluiceError('E_GITOPS_SYNC_FOREIGN', {
        object: `${sync.namespace}/${sync.sourceName}`,
        expected: `a GitRepository and a Kustomization that are named ${sync.namespace}, like their namespace`,
        seen: `${sync.sourceName} and ${sync.kustomizationName}`,
      })
    const from = placeOf(source, kustomization)
    const to = wishedPlace(context, from)
    const changes: GitOpsChange[] = await checkTarget(context, to)
    refuseNested(from, to)
    await refuseLeftBehind(client, sync.namespace, from, to, signal)
    const sameBranch = !context.isOtherRepository && from.branch === to.branch
    const old = isSameLocation(from, to)
      ? { stage: 'switched' as const, gone: undefined, tree: memoryTree({}) }
      : await lookAtOld(context, sync.namespace, from, to)
    const place = { path: from.path, namespace: sync.namespace }
    const repository = context.isOtherRepository ? target : undefined
    const found: Found = {
      sync,
      from,
      to,
      stage: old.stage,
      gone: old.gone,
      sameBranch,
      uids: await inventoryUids(client, kustomization, signal),
      configs:
        old.stage === 'before'
          ? await configChanges(client, old.tree, place, { to, repository }, signal)
          : { specs: new Map(), notes: [] },
    }
    state.found = found
    if (old.stage === 'before') await refuseUnfit(context, state)
    const identity = await target.forge.identify(signal)
    if (identity.expiresAt !== undefined) state.expires = identity.expiresAt
    const wanted = differences(from, to)
    return {
      state: 'done',
      summary: wanted.length === 0 ? 'the cluster looks there already' : wanted.join('; '),
      changes,
      notes: [
        ...(old.gone === undefined ? [] : [`the old repository cannot be read, so nothing is carried: ${old.gone}`]),
        ...found.configs.notes,
      ],
    }
  },
  async apply() {
    throw new SluiceError('E_INTERNAL', { object: 'check', seen: 'a step without effects was applied' })
  },
}

function refuseSuspended(object: KubeObject): void {
  if (valueAt(object, ['spec', 'suspend']) !== true) return
  const { namespace, name } = object.metadata
  throw new SluiceError('E_GITOPS_SUSPENDED', { object: `${object.kind}/${namespace}/${name}` })
}

function wishedPlace({ wish, sync, target, isOtherRepository }: MoveContext, from: Place): Place {
  if (wish.branch !== undefined) checkBranchName(wish.branch)
  const url = sync?.credential === 'deploy-key' ? sync.url : target.remote.url
  const secret = from.secret === movingSecret || from.secret === undefined ? undefined : from.secret
  return {
    // The way to fetch stays as it is where nobody asks for another one.
    url: sync === undefined && !isOtherRepository ? from.url : url,
    branch: wish.branch ?? from.branch,
    path: wish.path === undefined ? from.path : fleetFolder(wish.path),
    interval: wish.interval ?? from.interval,
    syncInterval: wish.syncInterval ?? from.syncInterval,
    secret: secret ?? (sync === undefined && from.secret === undefined ? undefined : 'flux-system'),
  }
}

function refuseNested(from: Place, to: Place): void {
  if (from.path === to.path) return
  const isInside = (a: string, b: string) => a === '' || b.startsWith(`${a}/`)
  if (!isInside(from.path, to.path) && !isInside(to.path, from.path)) return
  const shown = (path: string) => (path === '' ? 'the root' : path)
  throw new SluiceError('E_GITOPS_PATH_NESTED', {
    object: shown(to.path),
    expected: `a folder that is neither inside ${shown(from.path)} nor around it`,
    seen: `${shown(from.path)} → ${shown(to.path)}`,
  })
}

async function checkTarget({ target, isOtherRepository, signal }: MoveContext, to: Place): Promise<GitOpsChange[]> {
  const { forge, owner, name } = target
  if (!isOtherRepository) {
    if (forge.tokenProblem) throw forge.tokenProblem
    return []
  }
  const { login } = await forge.identify(signal)
  const personal = login.toLowerCase() === owner.toLowerCase()
  const changes: GitOpsChange[] = []
  for await (const line of checkToken(forge, { owner, personal, repository: name, branch: to.branch }, signal)) {
    changes.push({ kind: 'check', ...line })
    if (line.status === 'fail') throw problemOf(line)
  }
  return changes
}

/** Where an earlier run left the old place, and its files. */
async function lookAtOld(context: MoveContext, namespace: string, from: Place, to: Place) {
  const { old, mirror, signal, isOtherRepository } = context
  const none = { stage: 'before' as MoveStage, tree: memoryTree({}) }
  if (!old) return { ...none, gone: 'there is no credential for its host' }
  let tip: string
  try {
    tip = (await fetchBranch(mirror, old.remote, from.branch, signal)).commit
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof SluiceError) || !error.code.startsWith('E_GIT_')) throw error
    if (isOtherRepository) return { ...none, gone: error.message }
    throw new SluiceError('E_GITOPS_OLD_GONE', { object: from.url, seen: error.message, cause: error })
  }
  const tree = mirror.tree(tip)
  const path = syncFileOf(from.path, namespace)
  const said = readSyncFile(await readText(tree, path), namespace)?.place
  if (said && isSameLocation(said, to)) return { stage: 'pointed' as const, tree, gone: undefined }
  if (said && isSameLocation(said, from)) return { stage: 'before' as const, tree, gone: undefined }
  throw new SluiceError('E_GITOPS_SYNC_FOREIGN', {
    object: `${path} on ${from.branch}`,
    expected: `what the cluster follows: ${from.url}, branch ${from.branch}, path ${from.path}`,
    seen: said ? `${said.url}, branch ${said.branch}, path ${said.path}` : 'no such two objects',
  })
}
