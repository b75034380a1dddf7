import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { valueAt } from '../../base/json.ts'
import { diffBuilt, diffReleased, type FieldChange, type ObjectDiff } from '../../engine/index.ts'
import { openMirror } from '../../git/index.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import type { ObjectRef } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact } from '../../secrets/secret.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import type { Kustomization } from '../../specs/index.ts'
import { ownerOf } from '../flux-objects.ts'
import { originOf } from '../place-in-git.ts'
import { managerOf } from './field-manager.ts'
import type { Touch } from './types.ts'

/** A field that is not as Git wants it, and who set it. */
export interface Drift extends FieldChange {
  readonly by?: Touch & { readonly operation: string }
}

/** An object held against what Git wants of it. */
export type GitComparison =
  | {
      readonly kind: 'compared'
      readonly action: ObjectDiff['action']
      /** `before` is what the cluster has, `after` what Git wants. Secrets are masked. */
      readonly drifts: readonly Drift[]
      readonly live?: KubeObject
      readonly wanted?: KubeObject
      /** What the server says, when it would not take it. */
      readonly message?: string
      /** What it was held against: a commit, or the release. */
      readonly against: string
    }
  | { readonly kind: 'unknown'; readonly why: string }

/**
 * Holds an object against what Git wants of it: the files at the applied revision, or the manifest that was released, go
 * to the server as a dry run, and what that would change is the drift. Nothing is changed.
 * `object` is the owner's word for what it applied: without owner labels nothing can be said.
 *
 * @throws E_GIT_…, E_ENGINE_DIFF, E_KUBE_…
 */
export async function compareWithGit(
  client: KubeClient,
  ref: ObjectRef,
  live: KubeObject | undefined,
  owner: ObjectRef | undefined,
  signal: AbortSignal,
): Promise<GitComparison> {
  const applier = owner ?? (live && ownerOf(live))
  if (applier === undefined) return { kind: 'unknown', why: 'Nothing that is known applied it from Git.' }
  const found = await client.find(applier, { signal })
  if (found === undefined) return { kind: 'unknown', why: `${applier.kind}/${applier.name} is not there any more.` }
  if (valueAt(found, ['spec', 'kubeConfig']) !== undefined)
    return { kind: 'unknown', why: `${applier.kind}/${applier.name} applies to another cluster.` }
  if (applier.kind === 'HelmRelease') {
    const diff = await diffReleased(client, found as HelmRelease, ref, signal)
    if (diff === undefined) return { kind: 'unknown', why: 'The stored release has no object of this name.' }
    return compared(diff, live, 'the release')
  }
  const origin = await originOf(client, found, signal)
  if (origin === undefined)
    return { kind: 'unknown', why: 'It does not come from a Git repository, or was not applied yet.' }
  const dir = await mkdtemp(join(tmpdir(), 'sluice-compare-'))
  const mirror = await openMirror(dir)
  try {
    const { commit } = await mirror.fetch(origin.remote, origin.ref, { signal, commit: origin.commit })
    const diff = await diffBuilt(client, found as Kustomization, mirror.tree(commit), ref, signal)
    if (diff === undefined) return { kind: 'unknown', why: `The files at ${commit.slice(0, 7)} do not make it.` }
    return compared(diff, live, commit)
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

function compared(diff: ObjectDiff, live: KubeObject | undefined, against: string): GitComparison {
  const { action, changes, before, after, message } = diff
  const drifts = changes.map(change => {
    const by = live && change.before !== undefined ? managerOf(live, change.path) : undefined
    return { ...change, ...(by && { by }) }
  })
  return {
    kind: 'compared',
    action,
    drifts,
    against,
    ...(before === undefined ? {} : { live: before }),
    ...(after === undefined ? {} : { wanted: after }),
    ...(message === undefined ? {} : { message: redact(message) }),
  }
}
