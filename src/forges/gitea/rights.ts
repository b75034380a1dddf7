import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import type { ForgeCapabilities } from '../types.ts'

/** What the API of Gitea and Forgejo can do. */
export const giteaCapabilities: ForgeCapabilities = {
  createRepository: true,
  deleteRepository: true,
  deployKeys: 'read-write',
  webhooks: true,
  changeRequests: 'pull request',
  branchProtection: true,
  nestedOwners: false,
  tokenRights: 'untold',
  tokenExpiry: false,
}

/** Gitea's own words. */
export function giteaWords(web: string): ForgeWords {
  return {
    brand: 'Gitea',
    group: 'organization',
    repository: 'repository',
    settingsPage: repository => `${repository.webUrl}/settings`,
    branchPage: repository => `${repository.webUrl}/settings/branches`,
    invitationPage: organization => `${web}/org/${organization}/members`,
    pushRole: 'write',
    adminRole: 'admin',
    pushRight: 'the scope write:repository',
    membershipRight:
      'Give the token the scopes read:user and read:organization to see this before anything is written.',
  }
}

/** A token of Gitea cannot ask for its scopes; a call without one is refused in words that name it. */
export function judgeGiteaRights(): CheckFinding {
  return {
    warn: 'Gitea does not tell what a token may do; a call that lacks a scope names it below',
    fix: 'Make sure that it has write:repository (and read:user; write:user or write:organization to create a repository).',
  }
}
