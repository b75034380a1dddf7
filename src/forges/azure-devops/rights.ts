import type { CheckFinding } from '../checklist.ts'
import type { ForgeWords } from '../checks/state.ts'
import type { ForgeCapabilities } from '../types.ts'

/** What the API of Azure DevOps can do. It has no deploy keys: SSH keys belong to people. */
export const azureCapabilities: ForgeCapabilities = {
  createRepository: true,
  deleteRepository: true,
  deployKeys: 'none',
  webhooks: false,
  changeRequests: 'pull request',
  branchProtection: true,
  nestedOwners: false,
  tokenRights: 'untold',
  tokenExpiry: false,
}

/** Azure DevOps' own words. */
export function azureWords(web: string): ForgeWords {
  return {
    brand: 'Azure DevOps',
    group: 'project',
    repository: 'repository',
    settingsPage: repository => `${web}/${encodeURIComponent(repository.owner)}/_settings/repositories`,
    branchPage: repository => `${repository.webUrl}/branches`,
    invitationPage: project => `${web}/${encodeURIComponent(project)}`,
    pushRole: 'Contributor',
    adminRole: 'Project administrator',
    pushRight: 'the scope "Code: Read & write"',
    membershipRight: 'Give the token the scope "Project and Team: Read" to see this before anything is written.',
  }
}

/** A personal access token cannot ask for its scopes. */
export function judgeAzureRights(): CheckFinding {
  return {
    warn: 'Azure DevOps does not tell what a token may do; what cannot be read below is not known until it is tried',
    fix: 'Make sure that it is for this organization and has "Code: Read & write" (and "Code: Full" and "Project and Team: Read" to create a repository).',
  }
}
