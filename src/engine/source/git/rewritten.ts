import type { Repository } from '../../../git/index.ts'
import { commitOfRevision } from '../ref.ts'

/** Commits looked at before the question is given up: a push of more is taken for an ordinary one. */
const most = 500

/**
 * Whether the history that led to a revision was thrown away (a force-push): the commit of the old revision is not among
 * the ancestors of the new one. Answered from what the mirror holds; a fetch brings everything since the last one.
 */
export async function wasRewritten(mirror: Repository, before: string | undefined, after: string): Promise<boolean> {
  const [old, now] = [before && commitOfRevision(before), commitOfRevision(after)]
  const refOf = (revision: string) => revision.split('@')[0]
  if (!old || !now || before === undefined || refOf(before) !== refOf(after)) return false
  const seen = new Set<string>()
  const queue = [now]
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    if (id === old || seen.size >= most) return false
    if (seen.has(id)) continue
    seen.add(id)
    queue.push(...((await mirror.commit(id))?.parents ?? []))
  }
  return true
}
