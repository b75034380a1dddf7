import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { CheckedForge, ForgeWords } from '../checks/state.ts'
import type { ForgeCapabilities, ForgeIdentity, TokenTarget } from '../types.ts'

/** What GitHub's API can do. */
export const gitHubCapabilities: ForgeCapabilities = {
  createRepository: true,
  deleteRepository: true,
  deployKeys: 'read-write',
  webhooks: true,
  changeRequests: 'pull request',
  branchProtection: true,
  nestedOwners: false,
  tokenRights: 'partly',
  tokenExpiry: true,
}

/** GitHub's own words. */
export function gitHubWords(web: string): ForgeWords {
  return {
    brand: 'GitHub',
    group: 'organization',
    repository: 'repository',
    settingsPage: repository => `${repository.webUrl}/settings`,
    branchPage: repository => `${repository.webUrl}/settings/branches`,
    invitationPage: organization => `${web}/orgs/${organization}/invitation`,
    pushRole: 'write',
    adminRole: 'admin',
    pushRight: '"Contents: read and write" (fine-grained) or the scope repo (classic)',
    membershipRight:
      'Add the scope read:org (classic) or "Members: read" (fine-grained) to see this before anything is written.',
  }
}

/** Judges the scopes of a classic token; GitHub has no call that lists the permissions of the other kinds. */
export function judgeGitHubRights(forge: CheckedForge, identity: ForgeIdentity, target: TokenTarget): CheckFinding {
  const { scopes, tokenKind } = identity
  if (tokenKind === 'fine-grained' || tokenKind === 'app' || scopes === undefined) {
    return {
      warn: 'the host does not tell what a token of this kind may do; what cannot be read below is not known until it is tried',
      fix: 'Make sure that it has, for this repository, "Contents: read and write" and "Administration: read and write".',
    }
  }
  const has = scopes.length === 0 ? 'none' : scopes.join(', ')
  const enough = scopes.includes('repo') || (target.private === false && scopes.includes('public_repo'))
  if (!enough) {
    throw new SluiceError('E_TOKEN_SCOPE', {
      object: forge.tokenTitle,
      expected: target.private === false ? 'the scope repo or public_repo' : 'the scope repo',
      seen: has,
      next: `Add the scope to the token in the settings of the host, or make a new token at ${forge.tokenPage}`,
    })
  }
  return `scopes: ${has}`
}
