import { mountApps, mountOwn, ownPlace } from '../../apps/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import type { Home, OwnRepository, RepositoryState } from './types.ts'

/** The state that an application is read and changed in: of its own repository, where it has one, else of the fleet's. */
export function appState(fleet: RepositoryState, app: string): RepositoryState {
  const own = fleet.own.get(app)
  return own === undefined ? fleet : ownState(fleet, own, own.tree)
}

/** The state of a repository that is an application's own, with files of it at some commit. */
export function ownState(
  fleet: RepositoryState,
  own: Pick<OwnRepository, 'app' | 'pointer' | 'connection' | 'mirror' | 'tip'>,
  tree: FileTree,
  more: Partial<Pick<Home, 'id'>> = { id: own.pointer.id },
): RepositoryState {
  const { app, pointer, connection, mirror, tip } = own
  const { url, branch } = pointer
  return {
    ...fleet,
    sync: { ...fleet.sync, url, branch, sourceName: ownPlace(fleet.place, app).sourceName },
    place: ownPlace(fleet.place, app),
    connection,
    mirror,
    tip,
    tree: mountOwn(mountApps(fleet.tree, new Map([[app, tree]])), tree),
    home: { app, title: titleOf(url), fleet, id: more.id, tree },
  }
}

/** The files as an application had them at a commit of its repository, among those of the fleet as they are. */
export function treeAt({ mirror, home }: RepositoryState, commit: string): FileTree {
  const tree = mirror.tree(commit)
  return home === undefined ? tree : mountOwn(mountApps(home.fleet.tree, new Map([[home.app, tree]])), tree)
}

/** Names the commits that something was looked at: of the fleet's repository, and of the application's own. */
export function tipOf({ tip, home }: RepositoryState): string {
  return home === undefined ? tip : `${home.fleet.tip}+${tip === '' ? 'none' : tip}`
}

/** `acme/shop-config` of a clone address. */
export function titleOf(url: string): string {
  const path = /^[a-z+]+:\/\/[^/]+\/(.+)$/i.exec(url)?.[1] ?? url
  return path.replace(/\.git$/, '').replace(/\/$/, '')
}
