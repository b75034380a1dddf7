import type { FollowedRepository } from '../repository/index.ts'
import { GitSide } from './git-half.ts'
import { FleetWatcher, type FleetWatcherParts } from './watch.ts'

/** The fleet as the server knows it: the clusters' side by watches, Git's side by the server's copy of the repository. */
export class FleetState {
  readonly watch: FleetWatcher
  readonly git: GitSide

  constructor(parts: Omit<FleetWatcherParts, 'onRevision'> & { readonly repository: FollowedRepository }) {
    const { repository, ...rest } = parts
    this.watch = new FleetWatcher({ ...rest, onRevision: commit => repository.notify(commit) })
    this.git = new GitSide(repository, parts.signal)
  }
}

export { fleetProject, fleetScope } from './scope.ts'
