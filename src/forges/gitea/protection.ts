import { isObject } from '../../base/json.ts'
import type { TransportAnswer } from '../transport.ts'
import type { BranchProtection } from '../types.ts'
import { giteaFailure } from './failure.ts'

/** What is asked: a GET to the API. */
export interface Reader {
  get(path: string, signal?: AbortSignal): Promise<TransportAnswer>
}

/**
 * What protects a branch: one that is there tells whether this account may push (`user_can_push`); the rules themselves
 * are for administrators only.
 */
export async function readProtection(
  reader: Reader,
  repositoryPath: string,
  branch: string,
  signal?: AbortSignal,
): Promise<BranchProtection | undefined> {
  const found = await reader.get(
    `${repositoryPath}/branches/${branch.split('/').map(encodeURIComponent).join('/')}`,
    signal,
  )
  if (found.status !== 200 && found.status !== 404)
    throw giteaFailure(found, { object: `branch ${branch}`, act: 'read a branch' })
  const rules = await reader.get(`${repositoryPath}/branch_protections?limit=50`, signal)
  const rule = Array.isArray(rules.body)
    ? rules.body
        .filter(isObject)
        .find(item => globMatches(String(item['rule_name'] ?? item['branch_name'] ?? ''), branch))
    : undefined
  const requiresSignatures = rule?.['require_signed_commits'] === true
  if (found.status === 200 && isObject(found.body)) {
    const { protected: isProtected, user_can_push: canPush } = found.body
    if (isProtected !== true) return undefined
    return { requiresPullRequest: canPush === false, requiresSignatures, mayPush: canPush !== false }
  }
  if (!rule) return undefined
  const isOpen = rule['enable_push'] === true && rule['enable_push_whitelist'] !== true
  return {
    requiresPullRequest: rule['enable_push'] !== true,
    requiresSignatures,
    ...(isOpen ? { mayPush: true } : { partial: rule['enable_push'] === true }),
  }
}

/** Rules are globs: `*` stays within a part of the path, `**` does not. */
export function globMatches(rule: string, branch: string): boolean {
  const source = rule
    .split(/(\*\*|\*|\?)/)
    .map(part =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part === '?' ? '[^/]' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  return new RegExp(`^${source}$`).test(branch)
}
