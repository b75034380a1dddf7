import { applicationPaths, isOwnFile, pointerPath } from '../../apps/index.ts'
import type { FileChange } from '../../git/index.ts'
import { type RepositoryState, titleOf } from '../repository/index.ts'
import type { Plan } from './plan.ts'

/** One commit of a plan. */
export interface PlanCommit {
  /** The step of the job. */
  readonly step: 'commit' | 'pointer'
  /** `acme/fleet`. */
  readonly title: string
  readonly branch: string
  /** The commit that it was worked out on; '' for a repository without one. */
  readonly from: string
  readonly files: readonly FileChange[]
  readonly watched: readonly string[]
}

/** The commits of a plan in the order that they are made in: two, where an application's own repository and the fleet's both change. */
export function commitsOf({ home, sync, tip }: RepositoryState, plan: Plan): readonly PlanCommit[] {
  const { files, watched, own } = plan
  if (home === undefined || own === undefined)
    return [{ step: 'commit', title: titleOf(sync.url), branch: sync.branch, from: tip, files, watched }]
  const isOwn = ({ path }: FileChange) => isOwnFile(home.app, path)
  const { folder } = applicationPaths(home.app)
  const ours: PlanCommit = {
    step: 'commit',
    title: home.title,
    branch: sync.branch,
    from: tip,
    files: files.filter(isOwn),
    watched: [folder],
  }
  const fleets: PlanCommit = {
    step: 'pointer',
    title: titleOf(home.fleet.sync.url),
    branch: home.fleet.sync.branch,
    from: home.fleet.tip,
    files: files.filter(one => !isOwn(one)),
    watched,
  }
  const both = own.first === 'own' ? [ours, fleets] : [fleets, ours]
  const some = both.filter(one => one.files.length > 0)
  return some.length === 0 ? [ours] : some
}

/** The message of one of the commits: the fleet's says where the application stands. */
export function messageFor({ home }: RepositoryState, plan: Plan, commit: PlanCommit, message: string): string {
  if (commit.step !== 'pointer' || home === undefined || plan.own?.pointer === undefined) return message
  return `Add ${home.app}, which stands in ${home.title}\n`
}

/**
 * The commit that the cluster is followed by when only the fleet's repository changes: it then comes to what the application's own
 * has. Undefined when it is the one that is made.
 */
export function standingCommit(state: RepositoryState, plan: Plan): string | undefined {
  const { home, tip } = state
  if (home === undefined || tip === '' || commitsOf(state, plan).some(one => one.step === 'commit')) return undefined
  const isRemoved = plan.files.some(({ path, content }) => path === pointerPath(home.app) && content === undefined)
  return isRemoved ? undefined : tip
}
