import { access, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { localTree } from '../git/local-tree.ts'
import { type BuildOptions, type BuildResult, build } from './build.ts'

/** How a folder on disk is built. */
export interface FolderOptions extends Pick<BuildOptions, 'loadRestrictor' | 'signal'> {
  /**
   * Nothing outside this folder is read. When absent: the git repository that the folder is in; without one the whole
   * disk, as for kustomize itself.
   */
  readonly root?: string
}

/**
 * Builds the kustomization of a folder on disk: what `kustomize build DIR` prints, byte for byte. No program is run, no
 * link is followed and nothing is fetched.
 *
 * @param dir absolute path of the folder
 * @throws SluiceError with a code `E_KUSTOMIZE_…`; its `facts.seen` holds kustomize's own words
 * @example
 * process.stdout.write((await buildFolder('/srv/fleet/clusters/prod')).yaml())
 */
export async function buildFolder(dir: string, options: FolderOptions = {}): Promise<BuildResult> {
  const { root: wanted, ...rest } = options
  const folder = await realpath(dir).catch(() => dir)
  const root = wanted === undefined ? await repositoryAround(folder) : await realpath(wanted).catch(() => wanted)
  return build(within(localTree('/'), partsOf(root)), partsOf(folder), rest)
}

/** The nearest folder on the way up that holds a repository; the root of the disk when none does. */
export async function repositoryAround(folder: string): Promise<string> {
  for (let here = folder; ; here = dirname(here)) {
    const found = await access(join(here, '.git')).then(
      () => true,
      () => false,
    )
    if (found || here === dirname(here)) return here
  }
}

function partsOf(path: string): string {
  return path.split('/').filter(Boolean).join('/')
}

/** The part of a tree in and below a folder; anything else is refused. Paths stay those of the whole tree, for messages. */
function within(tree: FileTree, root: string): FileTree {
  if (root === '') return tree
  const check = (path: string): void => {
    if (path === root || path.startsWith(`${root}/`)) return
    // The way down to the root is looked at for links, and for nothing else.
    if (path === '' || root.startsWith(`${path}/`)) return
    throw new SluiceError('E_KUSTOMIZE_PATH', {
      object: `/${path}`,
      seen: `security; '/${path}' is outside '/${root}'`,
    })
  }
  return {
    entry: async path => {
      check(path)
      return tree.entry(path)
    },
    list: async path => {
      check(path)
      return path === root || path.startsWith(`${root}/`) ? tree.list(path) : []
    },
    read: async path => {
      check(path)
      return tree.read(path)
    },
  }
}
