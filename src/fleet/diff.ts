import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { valueAt } from '../base/json.ts'
import { diffKustomization, type ObjectDiff } from '../engine/index.ts'
import { type GitRemote, localTree, openMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import type { Kustomization } from '../specs/index.ts'
import { type FleetSync, findFleetSync } from './find-sync.ts'
import { kustomizationKind } from './read-fleet.ts'

/** What to hold against the cluster: a folder on disk, or a revision of the repository that the cluster follows. */
export type DiffSubject =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'revision'
      readonly revision: string
      readonly remoteFor: (url: string) => GitRemote
      readonly dataDir: string
    }

/** What one Kustomization would change. */
export interface KustomizationDiff {
  readonly kustomization: string
  readonly objects: readonly ObjectDiff[]
}

/**
 * What a working tree or a revision would change in the cluster, found out by server-side dry runs: nothing is changed.
 * Every Kustomization of the fleet's source is looked at, or the one that `only` names.
 *
 * @throws E_FLEET_NO_SYNC, E_FLEET_KUSTOMIZATION_UNKNOWN, E_ENGINE_DIFF, E_GIT_…
 */
export async function diffFleet(
  client: KubeClient,
  subject: DiffSubject,
  signal: AbortSignal,
  only?: { readonly name: string; readonly namespace: string },
): Promise<KustomizationDiff[]> {
  const sync = await findFleetSync(client, signal)
  const { items } = await client.list(kustomizationKind, { signal })
  const isMeant = ({ metadata }: KubeObject) =>
    only === undefined || (metadata.name === only.name && metadata.namespace === only.namespace)
  const followers = followersOf(sync, items).filter(isMeant)
  if (only && followers.length === 0) {
    throw new SluiceError('E_FLEET_KUSTOMIZATION_UNKNOWN', {
      object: `Kustomization/${only.namespace}/${only.name}`,
      expected: `one that is built from GitRepository/${sync.namespace}/${sync.sourceName}`,
      seen: items.map(one => `${one.metadata.namespace}/${one.metadata.name}`).join(', ') || 'none',
    })
  }
  return await withTree(subject, sync.url, signal, async tree => {
    const diffs: KustomizationDiff[] = []
    for (const one of followers) {
      const objects = await diffKustomization({ client, tree, kustomization: one as Kustomization, signal })
      diffs.push({ kustomization: `${one.metadata.namespace}/${one.metadata.name}`, objects })
    }
    return diffs
  })
}

/** The Kustomizations that are built from the repository that a cluster follows. */
export function followersOf(sync: FleetSync, kustomizations: readonly KubeObject[]): KubeObject[] {
  return kustomizations.filter(one => {
    const namespace = valueAt(one, ['spec', 'sourceRef', 'namespace']) ?? one.metadata.namespace
    return valueAt(one, ['spec', 'sourceRef', 'name']) === sync.sourceName && namespace === sync.namespace
  })
}

/** Runs `work` with the files of a subject. `url` is the repository that a revision is of. */
export async function withTree<T>(
  subject: DiffSubject,
  url: string,
  signal: AbortSignal,
  work: (tree: FileTree) => Promise<T>,
): Promise<T> {
  if (subject.kind === 'folder') return work(localTree(repositoryRoot(subject.folder)))
  const parent = join(subject.dataDir, 'mirrors')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'diff-'))
  const mirror = await openMirror(dir)
  try {
    const { revision } = subject
    const ref = /^[0-9a-f]{40}$/.test(revision) || revision.startsWith('refs/') ? revision : `refs/heads/${revision}`
    const { commit } = await mirror.fetch(subject.remoteFor(url), ref, { signal })
    return await work(mirror.tree(commit))
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** The root of the working tree that a folder is in; the folder itself when it is in none. */
function repositoryRoot(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at
    if (at === dirname(at)) return folder
  }
}
