import { SluiceError } from '../../base/errors/index.ts'
import type { TokenTarget } from '../check-token.ts'
import type { Check, CheckFinding } from '../checklist.ts'
import type { ForgeIdentity, ForgeOwner, ForgeRepository } from '../types.ts'
import type { GitHubForge } from './forge.ts'

/** What the checks of GitHub hand on to each other. */
export interface GitHubCheckState {
  readonly forge: GitHubForge
  readonly target: TokenTarget
  identity?: ForgeIdentity
  owner?: ForgeOwner
  /** Null when the repository is not there. */
  repository?: ForgeRepository | null
}

type State = GitHubCheckState

/** An end of the token within so many days is worth a warning. */
const warnDays = 14
const dayMs = 86_400_000

/** The checks of a token for GitHub, in order; each only reads. */
export const gitHubChecks: readonly Check<State>[] = [
  { id: 'token.shape', title: 'the token is one of this host', needs: [], run: checkShape },
  { id: 'token.account', title: 'the host knows the token', needs: ['token.shape'], run: checkAccount },
  {
    id: 'token.scopes',
    title: 'the token has the rights that Sluice needs',
    needs: ['token.account'],
    run: checkScopes,
  },
  { id: 'token.expiry', title: 'the token does not end soon', needs: ['token.account'], run: checkExpiry },
  {
    id: 'owner',
    title: 'the owner of the repository is there and open to the account',
    needs: ['token.account'],
    run: checkOwner,
  },
  { id: 'repository', title: 'the repository can be used', needs: ['owner', 'token.scopes'], run: checkRepository },
  {
    id: 'repository.create',
    title: 'the account may create the repository',
    needs: ['repository'],
    applies: state => state.repository === null,
    run: checkCreate,
  },
  {
    id: 'branch',
    title: 'the branch can be pushed to',
    needs: ['repository'],
    applies: state => state.repository !== null,
    run: checkBranch,
  },
]

function checkShape({ forge }: State): CheckFinding {
  if (forge.tokenProblem) throw forge.tokenProblem
  return forge.tokenTitle
}

async function checkAccount(state: State, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge } = state
  try {
    state.identity = await forge.identify(signal)
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== 'E_TOKEN_REFUSED') throw error
    throw new SluiceError('E_TOKEN_REFUSED', {
      ...error.facts,
      object: forge.host,
      next: `Make a new token at ${forge.newTokenUrl()} and set it in place of this one.`,
    })
  }
  return `it belongs to ${state.identity.login}`
}

function checkScopes({ forge, identity, target }: State): CheckFinding {
  const { scopes, tokenKind } = identity!
  if (tokenKind === 'fine-grained' || scopes === undefined) {
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
      next: `Add the scope to the token in the settings of the host, or make a new token at ${forge.newTokenUrl()}`,
    })
  }
  return `scopes: ${has}`
}

function checkExpiry({ forge, identity }: State): CheckFinding {
  const { expiresAt } = identity!
  if (expiresAt === undefined) return 'it has no end, or the host does not tell'
  const left = Date.parse(expiresAt) - forge.clock.now().getTime()
  const day = expiresAt.slice(0, 10)
  if (left <= 0) throw new SluiceError('E_TOKEN_EXPIRED', { object: forge.tokenTitle, seen: `its end was ${day}` })
  const days = Math.floor(left / dayMs)
  if (days >= warnDays) return `it ends on ${day}`
  return {
    warn: `it ends on ${day}, in ${days} ${days === 1 ? 'day' : 'days'}; then nothing is pushed any more`,
    fix: `Make a new token before that at ${forge.newTokenUrl()}, or use a deploy key.`,
  }
}

async function checkOwner(state: State, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, identity } = state
  const { login } = identity!
  if (target.personal && target.owner.toLowerCase() !== login.toLowerCase()) {
    throw new SluiceError('E_FORGE_OWNER_MISMATCH', {
      object: `owner ${target.owner}`,
      expected: `${login}, the account of the token, because personal is true`,
      seen: target.owner,
      next: `Set owner to ${login}, or set personal: false when ${target.owner} is an organization.`,
    })
  }
  const found = await forge.owner(target.owner, signal)
  if (!found)
    throw new SluiceError('E_FORGE_OWNER_NOT_FOUND', {
      object: `owner ${target.owner}`,
      seen: `nobody of this name on ${forge.host}`,
    })
  if (!target.personal && found.kind === 'user') {
    throw new SluiceError('E_FORGE_OWNER_MISMATCH', {
      object: `owner ${target.owner}`,
      expected: 'an organization, because personal is false',
      seen: 'a user',
      next:
        found.role === 'admin'
          ? 'Set personal: true.'
          : 'Use the name of an organization, or the token of this user with personal: true.',
    })
  }
  state.owner = found
  if (found.kind === 'user') return `${found.name} is the account of the token`
  if (found.role === 'pending') {
    throw new SluiceError('E_FORGE_NOT_A_MEMBER', {
      object: `organization ${found.name}`,
      expected: `${login} to be a member`,
      seen: 'an invitation that is not accepted',
      next: `Accept the invitation at ${forge.web}/orgs/${found.name}/invitation, then run the command again.`,
    })
  }
  if (found.role === undefined) {
    return {
      warn: `${found.name} is an organization; the token may not read whether ${login} is a member`,
      fix: 'Add the scope read:org (classic) or "Members: read" (fine-grained) to see this before anything is written.',
    }
  }
  if (found.role === 'none')
    return {
      warn: `${login} is not a member of ${found.name}`,
      fix: 'This works only for a repository that the account was invited to.',
    }
  return `${login} is ${found.role === 'admin' ? 'an owner' : 'a member'} of the organization ${found.name}`
}

async function checkRepository(state: State, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target } = state
  const object = `repository ${target.owner}/${target.repository}`
  const found = await forge.repository(target.owner, target.repository, signal)
  state.repository = found ?? null
  if (!found)
    return `${target.owner}/${target.repository} is not there (or the token cannot see it): it will be created`
  if (found.archived) {
    throw new SluiceError('E_FORGE_REPOSITORY_ARCHIVED', {
      object,
      next: `Unarchive it at ${found.webUrl}/settings, or use another repository.`,
    })
  }
  if (!found.permissions.push) {
    throw new SluiceError('E_FORGE_READ_ONLY', {
      object,
      expected: `${state.identity!.login} to have the role write`,
      seen: 'read',
    })
  }
  const tip = await forge.get(`/repos/${found.owner}/${found.name}/commits?per_page=1`, signal)
  const isEmpty = tip.status === 409
  const about = `${found.private ? 'private' : 'public'}, ${isEmpty ? 'empty' : `default branch ${found.defaultBranch}`}`
  if (!found.private && target.private !== false) {
    return {
      warn: `it is there and public: everybody can read the configuration of the clusters (${about})`,
      fix: `Make it private at ${found.webUrl}/settings.`,
    }
  }
  return `it is there and the account may push (${about})`
}

function checkCreate({ owner, identity, target }: State): CheckFinding {
  const { name, kind, role, mayCreateRepositories } = owner!
  const { login } = identity!
  if (kind === 'user') return `${login} may create repositories in the own account`
  if (role === 'none') {
    throw new SluiceError('E_FORGE_NOT_A_MEMBER', {
      object: `organization ${name}`,
      expected: `${login} to be a member`,
      seen: 'no membership',
    })
  }
  if (mayCreateRepositories === false) {
    throw new SluiceError('E_FORGE_MAY_NOT_CREATE', {
      object: `organization ${name}`,
      expected: `${login} to be an owner, or members to be allowed to create repositories`,
      seen: 'members may not create repositories',
      next: `Ask an owner of ${name} to create ${target.repository}, then run the command again: Sluice uses a repository that is there.`,
    })
  }
  if (mayCreateRepositories === undefined)
    return { warn: `the token may not read whether ${login} may create repositories in ${name}` }
  return `${login} may create repositories in ${name}`
}

async function checkBranch(state: State, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, repository } = state
  const found = await forge.branchProtection(repository!.owner, repository!.name, target.branch, signal)
  if (!found) return `nothing protects ${target.branch}`
  if (found.adminsBypass && repository!.permissions.admin)
    return `${target.branch} is protected, and the account, an administrator, is exempt`
  if (found.partial) {
    return {
      warn: `something protects ${target.branch}; only an administrator of the repository can read what`,
      fix: 'If the push is refused, use another branch or let this account bypass the rule.',
    }
  }
  const wants = [
    ...(found.requiresPullRequest ? ['a pull request'] : []),
    ...(found.requiresSignatures ? ['signed commits'] : []),
  ]
  if (wants.length === 0)
    return { warn: `${target.branch} is protected, but not against the pushes of Sluice as far as the rules tell` }
  throw new SluiceError('E_FORGE_BRANCH_PROTECTED', {
    object: `branch ${target.branch} of ${repository!.owner}/${repository!.name}`,
    expected: 'a branch that takes direct pushes',
    seen: `a rule that wants ${wants.join(' and ')}`,
    next: `Use another branch, or let ${state.identity!.login} bypass the rule at ${repository!.webUrl}/settings/branches.`,
  })
}
