import type { GitRepository } from '../../specs/flux/git-repository.ts'
import { followedRef } from './ref.ts'
import { sameRepository } from './same-repository.ts'

/** A push that somebody tells of. */
export interface Push {
  /** Clone URL of the repository. */
  readonly url: string
  /** Full name of the ref, e.g. `refs/heads/main`. */
  readonly ref: string
  /** The commit that the ref points to now. It only saves work: what is applied is what the server says. */
  readonly commit?: string
}

/** Whether a push is news for a source. */
export function follows(source: GitRepository, push: Push): boolean {
  if (!sameRepository(source.spec.url, push.url)) return false
  const ref = followedRef(source.spec.ref)
  if (ref.kind === 'semver') return push.ref.startsWith('refs/tags/')
  if (ref.kind !== 'ref' || ref.ref !== push.ref) return false
  return push.commit === undefined || !source.status?.artifact?.revision.endsWith(`:${push.commit}`)
}
