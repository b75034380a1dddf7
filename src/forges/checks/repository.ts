import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import { type CheckState, repositoryTitle } from './state.ts'

/** Looks at the repository, if there is one: archived, on its way out, readable only, public. */
export async function checkRepository(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target } = state
  const { settingsPage, pushRole, repository: noun } = forge.words
  const object = repositoryTitle(state)
  const found = await forge.repository(target.owner, target.repository, signal)
  state.repository = found ?? null
  if (!found)
    return `${target.owner}/${target.repository} is not there (or the token cannot see it): it will be created`
  if (found.deletionOn !== undefined) {
    throw new SluiceError('E_FORGE_REPOSITORY_DELETED', {
      object,
      seen: `it is marked to be removed on ${found.deletionOn}`,
      next: `Restore it at ${settingsPage(found)}, or use another name: this one is taken until then.`,
    })
  }
  if (found.archived) {
    throw new SluiceError('E_FORGE_REPOSITORY_ARCHIVED', {
      object,
      next: `Unarchive it at ${settingsPage(found)}, or use another ${noun}.`,
    })
  }
  if (!found.permissions.push && !found.permissions.undetermined) {
    throw new SluiceError('E_FORGE_READ_ONLY', {
      object,
      expected: `${state.identity!.login} to have the role ${pushRole}`,
      seen: found.permissions.pull ? 'read' : 'no role',
      next: `Give the account the role ${pushRole}, or ${forge.words.adminRole} when Sluice shall add a deploy key.`,
    })
  }
  const content =
    found.empty === undefined ? '' : found.empty ? ', empty' : `, default branch ${found.defaultBranch || 'none'}`
  const about = `${found.private ? 'private' : 'public'}${content}`
  if (!found.private && target.private !== false) {
    return {
      warn: `it is there and public: everybody can read the configuration of the clusters (${about})`,
      fix: `Make it private at ${settingsPage(found)}.`,
    }
  }
  return found.permissions.undetermined
    ? { warn: `it is there; whether the account may push is known when git is asked (${about})` }
    : `it is there and the account may push (${about})`
}

/** Looks whether a repository that is not there can be made. */
export function checkCreate({ forge, owner, identity, target }: CheckState): CheckFinding {
  const { name, kind, role, mayCreateRepositories } = owner!
  const { group, repository } = forge.words
  const login = identity!.login === '' ? 'the account' : identity!.login
  const byToken = forge.createProblem(identity!, target)
  if (byToken) throw byToken
  if (!forge.capabilities.createRepository) {
    throw new SluiceError('E_FORGE_REPOSITORY_NOT_FOUND', {
      object: `${repository} ${target.owner}/${target.repository}`,
      next: `Create it on ${forge.host} by hand, then run the command again.`,
    })
  }
  if (kind === 'user') {
    if (mayCreateRepositories !== false) return `${login} may create a ${repository} in the own account`
    throw new SluiceError('E_FORGE_MAY_NOT_CREATE', {
      object: `account ${name}`,
      expected: `${login} to be allowed to create a ${repository}`,
      seen: 'the limit of the account is reached, or an administrator forbade it',
      next: `Ask an administrator of ${forge.host} to raise the limit, or use a ${group}.`,
    })
  }
  if (role === 'none') {
    throw new SluiceError('E_FORGE_NOT_A_MEMBER', {
      object: `${group} ${name}`,
      expected: `${login} to be a member`,
      seen: 'no membership',
    })
  }
  if (mayCreateRepositories === false) {
    throw new SluiceError('E_FORGE_MAY_NOT_CREATE', {
      object: `${group} ${name}`,
      expected: owner!.createRule ?? `${login} to be an owner, or members to be allowed to create repositories`,
      seen: owner!.roleTitle ?? 'members may not create repositories',
      next: `Ask an owner of ${name} to create ${target.repository}, then run the command again: Sluice uses a ${repository} that is there.`,
    })
  }
  if (mayCreateRepositories === undefined) {
    return { warn: `the token may not read whether ${login} may create a ${repository} in ${name}` }
  }
  return `${login} may create a ${repository} in ${name}`
}
