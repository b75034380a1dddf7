import { allows, everything, type Principal } from '../../access/index.ts'
import { type Application, applicationPaths, sourcePath, syncFolder } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import type { Commit } from '../../git/index.ts'
import type { CommitView } from '../contract/repository.ts'
import { commitUrl, commitView, type RepositoryState } from '../repository/index.ts'
import { scopesOfFiles } from './scopes-of.ts'

/** Of the commits of an application so many are looked at for one that somebody sees. */
const mostLookedAt = 50

/** Whether a commit changes something of an application that somebody sees; who sees everything sees every commit. */
export async function seesCommit(
  who: Principal,
  { mirror, place }: RepositoryState,
  { name, project }: Pick<Application, 'name' | 'project'>,
  { sha, parents }: Pick<Commit, 'sha' | 'parents'>,
): Promise<boolean> {
  if (allows(who.grants, 'viewer', everything)) return true
  const folders = [applicationPaths(name).folder, `${syncFolder(place)}/${name}`]
  const changes = await Promise.all(folders.map(folder => mirror.diff(parents[0], sha, folder)))
  const source = sourcePath(place, name)
  return changes.flat().some(({ path }) => {
    const [scope] = path === source ? [] : scopesOfFiles(place, name, project, [path])
    return scope === undefined || allows(who.grants, 'viewer', scope)
  })
}

/**
 * The whole id of a commit that somebody names. Commits that touch nothing that they see are not there.
 *
 * @throws E_NOT_FOUND
 */
export async function visibleCommit(
  who: Principal,
  state: RepositoryState,
  application: Pick<Application, 'name' | 'project'>,
  text: string,
): Promise<Commit> {
  const id = text.length >= 40 ? text : await state.mirror.resolve(text).catch(() => undefined)
  const found = id === undefined ? undefined : await state.mirror.commit(id)
  if (found !== undefined && (await seesCommit(who, state, application, found))) return found
  throw new SluiceError('E_NOT_FOUND', { object: `commit ${text.slice(0, 12)}` })
}

/** The newest commit that changes something of an application that somebody sees. */
export async function lastVisibleCommit(
  who: Principal,
  state: RepositoryState,
  application: Pick<Application, 'name' | 'project'>,
): Promise<Commit | undefined> {
  const limit = allows(who.grants, 'viewer', everything) ? 1 : mostLookedAt
  const { folder } = applicationPaths(application.name)
  for (const commit of await state.mirror.log(state.tip, { path: folder, limit }))
    if (await seesCommit(who, state, application, commit)) return commit
  return undefined
}

/** The tip of a repository: who does not see everything is told its id and time, not whose it is and what it is about. */
export async function tipView(who: Principal, state: RepositoryState): Promise<CommitView> {
  const { mirror, tip, connection, sync } = state
  const found = await mirror.commit(tip)
  const bare = { sha: tip, subject: '', author: { name: '', email: '' }, date: found?.date ?? '' }
  if (found === undefined || !allows(who.grants, 'viewer', everything)) return bare
  return commitView(found, commitUrl(connection, sync.url, tip))
}
