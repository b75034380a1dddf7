import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { CheckedForge, ForgeWords } from '../checks/state.ts'
import type { ForgeCapabilities, ForgeIdentity } from '../types.ts'

/** What the API of Bitbucket Cloud can do. Its access keys never push. */
export const bitbucketCapabilities: ForgeCapabilities = {
  createRepository: true,
  deleteRepository: true,
  deployKeys: 'read-only',
  webhooks: true,
  changeRequests: 'pull request',
  branchProtection: true,
  nestedOwners: false,
  tokenRights: 'partly',
  tokenExpiry: false,
}

/** Bitbucket Cloud's own words. */
export function bitbucketWords(web: string): ForgeWords {
  return {
    brand: 'Bitbucket',
    group: 'workspace',
    repository: 'repository',
    settingsPage: repository => `${repository.webUrl}/admin`,
    branchPage: repository => `${repository.webUrl}/admin/branch-restrictions`,
    invitationPage: workspace => `${web}/${workspace}`,
    pushRole: 'write',
    adminRole: 'admin',
    pushRight: 'the scope write:repository:bitbucket',
    membershipRight: 'Give the token the scopes read:user:bitbucket and read:workspace:bitbucket to see this.',
  }
}

/** Scopes that include the right to push, in the words of app passwords and OAuth and in those of API tokens. */
const writing = /^(?:repository:(?:write|admin)|project:admin|(?:write|admin):repository:bitbucket)$/

/** Judges the scopes, where the host told them in a header. */
export function judgeBitbucketRights(forge: CheckedForge, { scopes }: ForgeIdentity): CheckFinding {
  if (scopes === undefined) {
    return {
      warn: 'Bitbucket does not tell what this token may do; a call that lacks a scope names it below',
      fix: 'Make sure that it has read:repository:bitbucket and write:repository:bitbucket (and admin:repository:bitbucket to create a repository).',
    }
  }
  const has = scopes.length === 0 ? 'none' : scopes.join(', ')
  if (scopes.some(scope => writing.test(scope))) return `scopes: ${has}`
  throw new SluiceError('E_TOKEN_SCOPE', {
    object: forge.tokenTitle,
    expected: 'the scope write:repository:bitbucket (repository:write)',
    seen: has,
    next: `Make a new token with that scope at ${forge.tokenPage}`,
  })
}
