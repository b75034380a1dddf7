import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree, TreeEntry } from '../../base/file-tree.ts'
import { jsonEqual } from '../../base/json.ts'
import type { FileChange } from '../../git/index.ts'
import { formatRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { join, syncPaths } from '../../layout/index.ts'
import { overlayTree } from '../overlay-tree.ts'
import { type Rendering, renderSync } from '../rendering.ts'
import { editConfigs } from './configs.ts'
import { editSyncFile, type Place } from './place.ts'
import type { ConfigChanges } from './types.ts'

/** gotk-sync.yaml of a fleet's folder. */
export function syncFileOf(path: string, namespace: string): string {
  return syncPaths({ clusterConfigPath: path, systemNamespace: namespace }).sync
}

export async function readText(tree: FileTree, path: string): Promise<string | undefined> {
  return (await tree.read(path))?.toString('utf8')
}

/** The files below a folder, in order. Links are not followed, and not listed. */
export async function filesBelow(tree: FileTree, folder: string): Promise<string[]> {
  return (await entriesBelow(tree, folder)).filter(({ kind }) => kind === 'file').map(({ path }) => path)
}

/** Everything below a folder that is no folder. */
async function entriesBelow(tree: FileTree, folder: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = []
  for (const entry of await tree.list(folder)) {
    if (entry.kind === 'folder') entries.push(...(await entriesBelow(tree, entry.path)))
    else entries.push(entry)
  }
  return entries
}

export interface Relocation {
  readonly namespace: string
  readonly from: Place
  /** As the cluster shall have it at first. */
  readonly to: Place
  readonly configs: ConfigChanges
  /** Whether the old folder stays beside the new one, and points to it: as long as a cluster follows the old one. */
  readonly keepOld: boolean
}

/**
 * The change that brings a fleet's folder to its new place, given the files at the old one. Fails with
 * E_GITOPS_TARGET_IN_USE when the new folder is there already, E_GITOPS_NOT_MOVABLE for links and submodules in the old one.
 */
export async function relocate(tree: FileTree, relocation: Relocation): Promise<FileChange[]> {
  const { namespace, from, to, configs, keepOld } = relocation
  const oldSync = syncFileOf(from.path, namespace)
  const isFolderMoved = from.path !== to.path
  if (isFolderMoved && (await tree.entry(to.path)) !== undefined) {
    const names = (await tree.list(to.path)).map(entry => entry.name)
    throw new SluiceError('E_GITOPS_TARGET_IN_USE', {
      object: to.path,
      expected: 'no such folder',
      seen: names.slice(0, 5).join(', '),
    })
  }
  const changes: FileChange[] = []
  for (const { path, kind, executable } of await entriesBelow(tree, from.path)) {
    if (kind !== 'file') {
      if (!isFolderMoved) continue
      const seen = kind === 'link' ? 'a symbolic link' : 'a submodule'
      throw new SluiceError('E_GITOPS_NOT_MOVABLE', { object: path, expected: 'files and folders', seen })
    }
    const before = (await tree.read(path)) ?? Buffer.alloc(0)
    const after =
      path === oldSync ? editSyncFile(before.toString('utf8'), namespace, to) : edited(path, before, configs)
    if (!isFolderMoved) {
      if (!before.equals(Buffer.from(after))) changes.push({ path, content: after })
      continue
    }
    changes.push({
      path: join(to.path, path.slice(from.path.length + 1)),
      content: after,
      ...(executable && { executable }),
    })
    if (!keepOld) changes.push({ path, content: undefined })
    else if (path === oldSync) changes.push({ path, content: after })
  }
  return changes
}

function edited(path: string, before: Buffer, configs: ConfigChanges): string | Buffer {
  if (!path.endsWith('/eksa-cluster.yaml')) return before
  const text = before.toString('utf8')
  const after = editConfigs(text, configs)
  return after === text ? before : after
}

/** Kinds that say where Git is: the change is about them, so they differ. */
const movedKinds = ['GitRepository', 'FluxConfig', 'GitOpsConfig']

/**
 * Proves that a fleet builds to the same objects at its new place as at its old one, whatever follows it included, but for
 * those that say where Git is. Fails with E_GITOPS_TARGET_IN_USE, and E_IMPORT_UNBUILDABLE for a folder that does not build.
 */
export async function proveSame(
  tree: FileTree,
  changes: readonly FileChange[],
  { namespace, from, to }: Pick<Relocation, 'namespace' | 'from' | 'to'>,
  signal: AbortSignal,
): Promise<number> {
  const after = overlayTree(tree, changes)
  const render = async (of: FileTree, path: string) => {
    const file = syncFileOf(path, namespace)
    return renderSync(of, { text: (await readText(of, file)) ?? '', path: file }, signal)
  }
  const [old, now] = [byKey(await render(tree, from.path)), byKey(await render(after, to.path))]
  for (const [key, object] of old) {
    const other = now.get(key)
    const moved = movedKinds.includes(object.kind) || isRoot(object, namespace)
    if (other && (moved || jsonEqual(object, other))) continue
    throw new SluiceError('E_GITOPS_TARGET_IN_USE', {
      object: formatRef(refOf(object)),
      expected: 'the same object at the new place',
      seen: other ? 'another content' : 'none: it would be removed from the cluster',
      next: 'A file refers to others by their place in the repository: choose a path at the same depth, or mend it first.',
    })
  }
  const added = [...now].find(([key]) => !old.has(key))
  if (added) {
    throw new SluiceError('E_GITOPS_TARGET_IN_USE', {
      object: formatRef(refOf(added[1])),
      expected: 'no such object, as at the old place',
      seen: 'one at the new place',
    })
  }
  return old.size
}

function isRoot({ kind, metadata }: KubeObject, namespace: string): boolean {
  return kind === 'Kustomization' && metadata.name === namespace && metadata.namespace === namespace
}

function byKey(renderings: readonly Rendering[]): Map<string, KubeObject> {
  return new Map(
    renderings.flatMap(({ name, objects }) =>
      objects.map((object): [string, KubeObject] => [`${name} ${refKey(refOf(object))}`, object]),
    ),
  )
}

/** What the old repository says from then on, for people. */
export function movedNote(to: Place): string {
  const folder = to.path === '' ? 'the root' : `\`${to.path}\``
  return [
    '# This repository is not followed any more',
    '',
    `The cluster follows ${to.url}, branch \`${to.branch}\`, ${folder}.`,
    'A commit here changes nothing in it.',
    '',
  ].join('\n')
}
