import { SluiceError } from '../base/errors/index.ts'
import { withConnection } from './connection.ts'
import { gitFailure } from './diagnose.ts'
import { listRemoteRefs } from './list-refs.ts'
import { runGit } from './process.ts'
import type { Repository } from './repository.ts'
import type { GitRemote } from './types.ts'

const carried = /^refs\/(?:heads|tags)\//
/** A repository of any size has to come through. */
const timeoutMs = 30 * 60_000

/** Which branches and tags of one repository another one lacks. */
export interface RefsToCarry {
  /** Full names that the other lacks or has an older commit of, with the commits. */
  readonly refs: ReadonlyMap<string, string>
  /** Full names at which both differ, and which of the two is newer is not told by the names. */
  readonly differing: readonly string[]
}

/** Compares branches and tags by asking both servers; nothing is fetched. */
export async function compareRefs(from: GitRemote, to: GitRemote, signal?: AbortSignal): Promise<RefsToCarry> {
  const options = signal ? { signal } : {}
  const [there, here] = await Promise.all([listRemoteRefs(from, options), listRemoteRefs(to, options)])
  const refs = new Map<string, string>()
  const differing: string[] = []
  for (const [name, id] of there) {
    if (!carried.test(name) || name.endsWith('^{}')) continue
    const other = here.get(name)
    if (other === id) continue
    if (other === undefined) refs.set(name, id)
    else differing.push(name)
  }
  return { refs, differing }
}

/** Brings all branches and tags of a remote, with their whole history, into a local copy. */
export async function fetchAllRefs(repository: Repository, from: GitRemote, signal?: AbortSignal): Promise<void> {
  const result = await withConnection(from, ({ url, ...environment }) =>
    runGit(
      [
        'fetch',
        '-q',
        '--no-write-fetch-head',
        '--no-recurse-submodules',
        '--no-auto-maintenance',
        '--',
        url.href,
      ].concat('+refs/heads/*:refs/carry/heads/*', '+refs/tags/*:refs/carry/tags/*'),
      { ...environment, gitDir: repository.dir, timeoutMs, ...(signal && { signal }) },
    ),
  )
  if (result.exitCode !== 0) throw gitFailure(result, from.url)
}

/** Pushes refs of {@link fetchAllRefs} under their own names, never by force. Fails with E_GIT_PUSH_CONFLICT and others. */
export async function pushRefs(
  repository: Repository,
  to: GitRemote,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const refspecs = names.map(name => `${name.replace(/^refs\//, 'refs/carry/')}:${name}`)
  // Some hundred names a push: the command line has an end.
  for (let i = 0; i < refspecs.length; i += 200) {
    const part = refspecs.slice(i, i + 200)
    const result = await withConnection(to, ({ url, ...environment }) =>
      runGit(
        ['push', '--porcelain', '--no-verify', '--recurse-submodules=no', '--no-signed', '--', url.href, ...part],
        {
          ...environment,
          gitDir: repository.dir,
          timeoutMs,
          ...(signal && { signal }),
        },
      ),
    )
    if (result.exitCode !== 0) throw gitFailure(result, to.url)
  }
}

/** Whether a commit is in the history of another, as far as the local copy holds it. */
export async function isAncestor(
  repository: Repository,
  commit: string,
  of: string,
  signal?: AbortSignal,
): Promise<boolean> {
  if (commit === of) return true
  if ((await repository.commit(commit)) === undefined) return false
  const args = ['merge-base', '--is-ancestor', commit, of]
  const result = await runGit(args, { gitDir: repository.dir, ...(signal && { signal }) })
  if (result.exitCode > 1)
    throw new SluiceError('E_GIT_MIRROR_DAMAGED', { object: repository.dir, seen: result.stderr })
  return result.exitCode === 0
}
