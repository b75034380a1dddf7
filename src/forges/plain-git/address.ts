import { checkRepositoryUrl, type RepositoryUrl } from '../../git/index.ts'
import type { RepositoryNames } from '../types.ts'

/**
 * The address of a repository in the form that the rest of Sluice takes, from any form that people paste:
 * `git@host:path`, `ssh://git@host:org/repo` (what GitHub's page shows with `ssh://` before it) and `host/path.git` without a
 * scheme. User names and ports stay as written, so AWS CodeCommit's `ssh://KEYID@git-codecommit.…` works. Fails with
 * E_GIT_URL_INVALID.
 */
export function gitAddress(text: string): RepositoryUrl {
  const trimmed = text.trim().replace(/\/+$/, '')
  const pasted = /^ssh:\/\/([^/@]+@)?([^/:@]+):(?!\d+(?:\/|$))(.+)$/.exec(trimmed)
  if (pasted) return checkRepositoryUrl(`ssh://${pasted[1] ?? ''}${pasted[2]}/${pasted[3]!.replace(/^\/+/, '')}`)
  const scp = /^([^/@\s:]+@)?([^/:\s@]+):(?!\/\/|:)(.+)$/.exec(trimmed)
  if (scp && !trimmed.includes('://') && !/^\d+(?:\/|$)/.test(scp[3]!))
    return checkRepositoryUrl(`ssh://${scp[1] ?? 'git@'}${scp[2]}/${scp[3]!.replace(/^\/+/, '')}`)
  const isBare = !trimmed.includes('://') && /^[\w.-]+\.[\w.-]+(?::\d+)?\/./.test(trimmed)
  return checkRepositoryUrl(isBare ? `https://${trimmed}` : trimmed)
}

/** Owner and name as the path of an address tells them: everything before the last slash, and what follows it. */
export function namesIn({ path }: Pick<RepositoryUrl, 'path'>): RepositoryNames {
  const parts = path
    .replace(/\.git$/, '')
    .split('/')
    .filter(part => part !== '')
  return { owner: parts.slice(0, -1).join('/'), name: parts.at(-1) ?? '' }
}

/** Names under which public hosts take SSH, beside their own: `ssh.github.com:443` passes where port 22 does not. */
const sshHosts: Readonly<Record<string, string>> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'ssh.dev.azure.com': 'dev.azure.com',
}

/** The host whose repositories an address shows, where SSH has a name of its own. */
export function pagesHost({ host }: Pick<RepositoryUrl, 'host'>): string {
  return sshHosts[host] ?? host
}
