import type { FleetRepository } from '../../fleet/repository-remote.ts'
import { type ChangeText, code, writeChange } from '../../forges/changes/index.ts'
import type { Edit } from '../../git/index.ts'
import type { MoveContext } from './types.ts'

/** The last line of every commit of a move: by it a later run knows its own. */
export const trailer = 'Made by sluice gitops move.'

/** In the message of a copy: where it was copied from, by address, branch and folder. */
export const movedFromLine = 'Moved-From: '

export function writeMovedFrom({ url, branch, path }: { url: string; branch: string; path: string }): string {
  return `${movedFromLine}${url} ${branch} ${path === '' ? '.' : path}`
}

/** What {@link writeMovedFrom} wrote; undefined when a message has no such line. */
export function readMovedFrom(body: string): { url: string; branch: string; path: string } | undefined {
  const line = body.split('\n').find(one => one.startsWith(movedFromLine))
  const [, url, branch, path] = /^(\S+) (\S+) (.+)$/.exec(line?.slice(movedFromLine.length) ?? '') ?? []
  if (url === undefined || branch === undefined || path === undefined) return undefined
  return { url, branch, path: path === '.' ? '' : path }
}

/** One commit of a move on a branch that is there: pushed, or through a request where the branch takes no push. */
export async function writeMove(
  context: MoveContext,
  at: {
    readonly repository: FleetRepository
    readonly branch: string
    readonly subject: string
    readonly key: string
    readonly edit: Edit
  },
): Promise<string | undefined> {
  const { mirror, review, reviewTimeoutMs, onReview, author, committer, signer, clock, signal } = context
  const { repository, branch, subject, key, edit } = at
  const describe = (): ChangeText => ({
    what: [subject],
    why: `Asked for with ${code('sluice gitops move')}. Nothing that runs is removed or made anew.`,
    after: 'The command waits for the merge and goes on; when it was ended, run it again.',
  })
  const { commit } = await writeChange({
    forge: repository.forge,
    owner: repository.owner,
    repository: repository.name,
    remote: repository.remote,
    branch,
    mode: review,
    key,
    describe,
    mirror,
    edit,
    message: `${subject}\n\n${trailer}\n`,
    author,
    ...(committer && { committer }),
    signer,
    reviewTimeoutMs,
    onReview,
    clock,
    signal,
  })
  return commit
}

/** A place in a few words, for commits and messages. */
export function shortPlace({ url, branch, path }: { url: string; branch: string; path: string }): string {
  return `${url}, branch ${branch}, ${path === '' ? 'the root' : path}`
}
