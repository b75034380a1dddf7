import { SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs, remoteDefaultBranch } from '../../git/index.ts'
import type { Check, CheckFinding } from '../checklist.ts'
import { askReceivePack } from '../git-access.ts'
import type { TokenTarget } from '../types.ts'
import type { GitForge } from './forge.ts'

/** What the checks of a Git server hand on to each other. */
export interface GitCheckState {
  readonly forge: GitForge
  readonly target: TokenTarget
  refs?: ReadonlyMap<string, string>
}

/** The checks of a repository on a server that speaks Git alone, in order; each only reads. */
export const gitChecks: readonly Check<GitCheckState>[] = [
  { id: 'token.shape', title: 'there is a credential for the server', needs: [], run: checkCredential },
  { id: 'git.fetch', title: 'git can fetch the repository', needs: ['token.shape'], run: checkFetch },
  { id: 'repository', title: 'the repository can be used', needs: ['git.fetch'], run: checkContent },
  { id: 'git.push', title: 'git takes pushes', needs: ['git.fetch'], run: checkPush },
  { id: 'branch', title: 'the branch can be pushed to', needs: ['git.push'], run: checkRules },
]

function checkCredential({ forge }: GitCheckState): CheckFinding {
  if (forge.tokenProblem) throw forge.tokenProblem
  return forge.tokenTitle
}

async function checkFetch(state: GitCheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const remote = state.forge.remote()
  state.refs = await listRemoteRefs(remote, { ...(signal && { signal }) })
  return `${remote.url} answers`
}

async function checkContent(state: GitCheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, refs } = state
  if (refs!.size === 0) return 'it is there and empty'
  if (refs!.has(`refs/heads/${target.branch}`)) return `it is there, with the branch ${target.branch}`
  const found = await remoteDefaultBranch(forge.remote(), { ...(signal && { signal }) })
  return {
    warn: `it is there, but has no branch ${target.branch}${found === undefined ? '' : ` (its default branch is ${found})`}`,
    fix: 'Sluice makes the branch; if you meant the default branch, set that.',
  }
}

async function checkPush({ forge }: GitCheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  try {
    await askReceivePack(forge.remote(), signal)
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    if (error.code !== 'E_GIT_FORBIDDEN' && error.code !== 'E_GIT_AUTHENTICATION') throw error
    throw new SluiceError('E_FORGE_READ_ONLY', {
      object: forge.remote().url,
      expected: 'the credential to be let push',
      ...(error.facts.seen !== undefined && { seen: error.facts.seen }),
      next: 'It may fetch but not push: give the account or key the right to write.',
      details: { hostSaid: error.facts.seen ?? '' },
    })
  }
  return 'git would take a push'
}

function checkRules({ target }: GitCheckState): CheckFinding {
  return {
    warn: `a server that speaks Git alone does not tell what protects ${target.branch}`,
    fix: 'A refused push says so; `sluice check --probe` tries one on a branch of its own.',
  }
}
