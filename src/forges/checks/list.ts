import type { Check } from '../checklist.ts'
import { checkBranch } from './branch.ts'
import { checkGit } from './git.ts'
import { checkDeployKeys, checkWebhooks } from './keys.ts'
import { checkOwner } from './owner.ts'
import { checkCreate, checkRepository } from './repository.ts'
import type { CheckState } from './state.ts'
import { checkAccount, checkExpiry, checkRights, checkShape } from './token.ts'

const isThere = (state: CheckState) => state.repository !== null

/** The checks of a token for a host with an API, in order; each only reads. */
export const forgeChecks: readonly Check<CheckState>[] = [
  { id: 'token.shape', title: 'the token is one of this host', needs: [], run: checkShape },
  { id: 'token.account', title: 'the host knows the token', needs: ['token.shape'], run: checkAccount },
  {
    id: 'token.scopes',
    title: 'the token has the rights that Sluice needs',
    needs: ['token.account'],
    run: checkRights,
  },
  { id: 'token.expiry', title: 'the token does not end soon', needs: ['token.account'], run: checkExpiry },
  {
    id: 'owner',
    title: 'the owner of the repository is there and open to the account',
    needs: ['token.account', 'token.scopes'],
    run: checkOwner,
  },
  { id: 'repository', title: 'the repository can be used', needs: ['owner'], run: checkRepository },
  {
    id: 'repository.create',
    title: 'the account may create the repository',
    needs: ['repository'],
    applies: state => state.repository === null,
    run: checkCreate,
  },
  {
    id: 'git.push',
    title: 'git takes pushes with the token',
    needs: ['repository'],
    applies: isThere,
    run: checkGit,
  },
  {
    id: 'repository.keys',
    title: 'deploy keys can be managed',
    needs: ['repository'],
    applies: state => isThere(state) && state.forge.capabilities.deployKeys !== 'none',
    run: checkDeployKeys,
  },
  {
    id: 'repository.hooks',
    title: 'webhooks can be managed',
    needs: ['repository'],
    applies: state => isThere(state) && state.forge.capabilities.webhooks,
    run: checkWebhooks,
  },
  {
    id: 'branch',
    title: 'the branch can be pushed to',
    needs: ['repository'],
    applies: isThere,
    run: checkBranch,
  },
]
