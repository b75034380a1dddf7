import type { Connection } from '../../connections/index.ts'
import type { Commit } from '../../git/index.ts'
import type { CommitView } from '../contract/repository.ts'

/** A commit as the API gives it. */
export function commitView({ sha, subject, author, date }: Commit, url?: string): CommitView {
  return {
    sha,
    subject: subject.slice(0, 500),
    author: { name: author.name.slice(0, 200), email: author.email.slice(0, 200) },
    date,
    ...(url === undefined ? {} : { url }),
  }
}

/** Page of a commit on a host, from the clone address; undefined where hosts differ too much to tell. */
export function commitUrl({ kind }: Pick<Connection, 'kind'>, cloneUrl: string, sha: string): string | undefined {
  if (!/^https?:\/\//.test(cloneUrl)) return undefined
  const base = cloneUrl.replace(/\.git$/, '').replace(/\/$/, '')
  if (kind === 'github' || kind === 'gitea') return `${base}/commit/${sha}`
  if (kind === 'gitlab') return `${base}/-/commit/${sha}`
  return kind === 'bitbucket' ? `${base}/commits/${sha}` : undefined
}
