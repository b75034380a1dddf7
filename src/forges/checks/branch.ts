import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { BranchProtection } from '../types.ts'
import type { CheckState } from './state.ts'

/** Looks whether the rules of the branch let the account push to it. */
export async function checkBranch(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, repository } = state
  if (!forge.capabilities.branchProtection)
    return { warn: `${forge.words.brand} does not tell what protects ${target.branch}` }
  const found = await readRules(state, signal)
  if (found === 'hidden') {
    return {
      warn: `the token may not read what protects ${target.branch}`,
      fix: `If the push is refused, give the account the role ${forge.words.adminRole} to see the rules, or use another branch.`,
    }
  }
  if (!found) return `nothing protects ${target.branch}`
  if (found.adminsBypass && repository!.permissions.admin)
    return `${target.branch} is protected, and the account, an administrator, is exempt`
  if (found.mayPush && !found.requiresSignatures) return `${target.branch} is protected, and the account may push to it`
  if (found.partial) {
    return {
      warn: `something protects ${target.branch}; only an administrator of the ${forge.words.repository} can read what`,
      fix: 'If the push is refused, use another branch or let this account bypass the rule.',
    }
  }
  if (found.requiresPullRequest && target.review && forge.capabilities.changeRequests !== 'none') {
    // A token that may not even read requests cannot open one: the refusal names the right.
    const { owner, name } = repository!
    await forge.changeRequests.find(owner, name, { head: 'sluice/none', base: target.branch }, signal)
    return `${target.branch} wants a ${forge.capabilities.changeRequests}: Sluice opens one and waits for the merge`
  }
  if (found.requiresSignatures && target.signs && !found.requiresPullRequest && found.mayPush !== false)
    return `${target.branch} wants signed commits, and they will be signed`
  const wants = [
    ...(found.requiresPullRequest ? [forge.kind === 'gitlab' ? 'a merge request' : 'a pull request'] : []),
    ...(found.requiresSignatures ? ['signed commits'] : []),
    ...(found.mayPush === false && !found.requiresPullRequest ? ['another account to push'] : []),
  ]
  if (wants.length === 0)
    return { warn: `${target.branch} is protected, but not against the pushes of Sluice as far as the rules tell` }
  throw new SluiceError('E_FORGE_BRANCH_PROTECTED', {
    object: `branch ${target.branch} of ${repository!.owner}/${repository!.name}`,
    expected: 'a branch that takes direct pushes',
    seen: `a rule that wants ${wants.join(' and ')}`,
    next: `Use another branch, or let ${state.identity!.login} bypass the rule at ${forge.words.branchPage(repository!)}.`,
  })
}

async function readRules(
  { forge, target, repository }: CheckState,
  signal: AbortSignal | undefined,
): Promise<BranchProtection | undefined | 'hidden'> {
  try {
    return await forge.branchProtection(repository!.owner, repository!.name, target.branch, signal)
  } catch (error) {
    if (error instanceof SluiceError && (error.code === 'E_TOKEN_SCOPE' || error.code === 'E_FORGE_FORBIDDEN'))
      return 'hidden'
    throw error
  }
}
