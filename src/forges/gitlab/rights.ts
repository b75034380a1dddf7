import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { CheckedForge, ForgeWords } from '../checks/state.ts'
import type { ForgeCapabilities, ForgeIdentity, TokenTarget } from '../types.ts'

/** What GitLab's API can do. */
export const gitLabCapabilities: ForgeCapabilities = {
  createRepository: true,
  deleteRepository: true,
  deployKeys: 'read-write',
  webhooks: true,
  changeRequests: 'merge request',
  branchProtection: true,
  nestedOwners: true,
  tokenRights: 'told',
  tokenExpiry: true,
}

/** GitLab's own words. */
export function gitLabWords(web: string): ForgeWords {
  return {
    brand: 'GitLab',
    group: 'group',
    repository: 'project',
    settingsPage: project => `${project.webUrl}/edit`,
    branchPage: project => `${project.webUrl}/-/settings/repository`,
    invitationPage: group => `${web}/${group}`,
    pushRole: 'Developer',
    adminRole: 'Maintainer',
    pushRight: 'the scope api or write_repository',
    membershipRight: 'Give the token the scope api, or read_api, to see this before anything is written.',
  }
}

/** Judges the scopes of a token: `api` does everything; `read_api` and `write_repository` are enough for a project that is there. */
export function judgeGitLabRights(forge: CheckedForge, { scopes }: ForgeIdentity): CheckFinding {
  if (scopes === undefined) {
    return {
      warn: 'this GitLab (older than 15.5) does not tell what a token may do',
      fix: 'Make sure that it has the scope api.',
    }
  }
  const has = scopes.length === 0 ? 'none' : scopes.join(', ')
  if (scopes.includes('api')) return `scopes: ${has}`
  if (scopes.includes('write_repository') && scopes.includes('read_api')) {
    return {
      warn: `scopes: ${has}; enough to push to a project that is there, but not to create one or to add deploy keys`,
      fix: 'Create the project by hand, or use a token with the scope api.',
    }
  }
  throw new SluiceError('E_TOKEN_SCOPE', {
    object: forge.tokenTitle,
    expected: 'the scope api (or, for a project that is there, read_api and write_repository)',
    seen: has,
    next: `GitLab cannot change the scopes of a token: make a new one with the scope api at ${forge.tokenPage}`,
  })
}

/** Why a token of this kind or scope cannot create a project, whatever its account may. */
export function gitLabCreateProblem(
  forge: CheckedForge,
  identity: ForgeIdentity,
  target: TokenTarget,
): SluiceError | undefined {
  const object = `project ${target.owner}/${target.repository}`
  if (identity.tokenKind === 'project') {
    return new SluiceError('E_TOKEN_WRONG_KIND', {
      object,
      expected: 'a personal or group token, to create a project',
      seen: `a project token (its account is ${identity.login}), which reaches its own project only`,
      next: `Create ${target.repository} by hand and make a project token there, or use a personal or group token.`,
    })
  }
  if (identity.scopes && !identity.scopes.includes('api')) {
    return new SluiceError('E_TOKEN_SCOPE', {
      object,
      expected: 'the scope api, to create a project',
      seen: identity.scopes.join(', '),
      next: `Create ${target.repository} by hand, or make a token with the scope api at ${forge.tokenPage}`,
    })
  }
  return undefined
}
