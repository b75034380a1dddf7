import type { Fetched, GitRemote, Mirror } from '../../git/index.ts'

/**
 * The tip of a branch, with its whole history: a copy that began with one commit stays so, and what came before or after a
 * commit could then not be told.
 */
export function fetchBranch(mirror: Mirror, remote: GitRemote, branch: string, signal: AbortSignal): Promise<Fetched> {
  return mirror.fetch(remote, `refs/heads/${branch}`, { depth: Number.POSITIVE_INFINITY, signal })
}
