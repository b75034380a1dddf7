import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import type { ForgeCapabilities } from '../types.ts'

/** What the API of Bitbucket Data Center can do. */
export const bitbucketServerCapabilities: ForgeCapabilities = {
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

/** Bitbucket Data Center's own words. */
export function bitbucketServerWords(web: string): ForgeWords {
  return {
    brand: 'Bitbucket Data Center',
    group: 'project',
    repository: 'repository',
    settingsPage: repository => `${repository.webUrl.replace(/\/browse$/, '')}/settings`,
    branchPage: repository => `${repository.webUrl.replace(/\/browse$/, '')}/settings/branch-permissions`,
    invitationPage: project => `${web}/projects/${project}`,
    pushRole: 'Repository write',
    adminRole: 'Repository admin',
    pushRight: 'the permission "Repository write"',
    membershipRight: 'Give the token the permission "Project read" to see this before anything is written.',
  }
}

/** An access token has a permission for projects and one for repositories, and cannot ask for them. */
export function judgeBitbucketServerRights(): CheckFinding {
  return {
    warn: 'Bitbucket Data Center does not tell what a token may do; what cannot be read below is not known until it is tried',
    fix: 'Make sure that it has "Repository write" (and "Project admin" to create a repository).',
  }
}
