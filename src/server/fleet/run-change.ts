import { allows, type Principal } from '../../access/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { type EditRequest, editCluster } from '../../fleet/edit-cluster.ts'
import { type ScaleRequest, scaleCluster } from '../../fleet/scale.ts'
import { formatSize, type Size } from '../../specs/index.ts'
import type { ServerContext } from '../context.ts'
import type { editWishSchema, scaleWishSchema } from '../contract/fleet.ts'
import type { NewJob } from '../jobs/jobs.ts'
import type { JobResume } from '../jobs/resume.ts'
import { withChange } from './change.ts'
import { fileVersion } from './file-version.ts'
import { type FollowCallbacks, followAsJob } from './follow-job.ts'
import { fleetScope } from './scope.ts'

type ScaleWish = ReturnType<typeof scaleWishSchema.parse>
type EditWish = ReturnType<typeof editWishSchema.parse>

/** A change of a cluster, as JSON: what a job is started with, and what another server goes on with. */
export type FleetWork =
  | { readonly kind: 'scale'; readonly cluster: string; readonly wish: ScaleWish }
  | { readonly kind: 'edit'; readonly cluster: string; readonly wish: EditWish }

/** Commits and follows. Done again, it finds what Git has of it already, and the request that is open. */
export function runFleetChange(context: ServerContext, who: Principal, work: FleetWork): NewJob['run'] {
  return job =>
    followAsJob(
      job,
      () => context.clock.monotonic(),
      callbacks => {
        const { cluster, wish } = work
        const told = noticing(context, callbacks)
        return withChange(context, { cluster, byRequest: wish.byRequest, who, signal: job.signal }, request =>
          work.kind === 'scale'
            ? scaleCluster({ ...request, ...scaleOf(work.wish), ...told })
            : editCluster({ ...request, edit: editOf(work.wish), message: work.wish.message, ...told }),
        )
      },
    )
}

/** Goes on with a change that a server began which is gone. */
export function resumeFleetChange(context: ServerContext, who: Principal, { input }: JobResume): NewJob['run'] {
  const work = input as FleetWork
  const run = runFleetChange(context, who, work)
  return async job => {
    if (!allows(who.grants, 'operator', fleetScope(work.cluster)))
      throw new SluiceError('E_FORBIDDEN', { object: `cluster ${work.cluster}`, expected: 'the role operator there' })
    return run(job)
  }
}

/** What is asked for, as the fleet's own functions take it. Fails with E_FLEET_SCALE_ARGUMENT. */
export function scaleOf({ targets, revert }: ScaleWish): Pick<ScaleRequest, 'targets' | 'revert'> {
  if ((revert === undefined) === (targets.length === 0)) {
    const seen = revert === undefined ? 'neither' : 'both'
    throw new SluiceError('E_FLEET_SCALE_ARGUMENT', { expected: 'sizes to set, or a commit to undo', seen })
  }
  for (const { group, size } of targets) {
    if (typeof size !== 'number' && size.max < size.min)
      throw new SluiceError('E_FLEET_SCALE_ARGUMENT', {
        object: group,
        expected: 'a lowest number that is no more than the highest',
        seen: formatSize(size as Size),
      })
  }
  return { targets: targets.map(({ group, size }) => ({ group, count: size })), ...(revert && { revert }) }
}

/** The edited text, when it was made from what Git has now. */
export function editOf({ text, version }: Pick<EditWish, 'text' | 'version'>): EditRequest['edit'] {
  return async file => {
    if (fileVersion(file.text) === version || file.text === text) return text
    throw new SluiceError('E_FLEET_EDIT_CONFLICT', {
      object: file.path,
      expected: 'the file as it was opened',
      seen: 'another text',
      next: 'Load the file again: your text stays until then.',
    })
  }
}

/** The server's own copy of the repository hears of the commit at once. */
function noticing(context: ServerContext, callbacks: FollowCallbacks): FollowCallbacks {
  return {
    ...callbacks,
    onCommit: commit => {
      context.repository.notify(commit)
      callbacks.onCommit(commit)
    },
    onReview: event => {
      if (event.type === 'request-merged') context.repository.notify(event.commit)
      callbacks.onReview(event)
    },
  }
}
