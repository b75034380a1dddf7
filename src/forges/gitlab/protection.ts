import { isObject } from '../../base/json.ts'
import type { TransportAnswer } from '../transport.ts'
import type { BranchProtection } from '../types.ts'
import { gitLabFailure } from './failure.ts'

/** What is asked: a GET to the API. */
export interface Reader {
  get(path: string, signal?: AbortSignal): Promise<TransportAnswer>
}

/**
 * What protects a branch. A branch that is there tells whether this account may push (`can_push`); for one that is not, the
 * list of protected branches and wildcards is matched. Push rules (GitLab Premium) may want signed commits.
 */
export async function readProtection(
  reader: Reader,
  projectPath: string,
  branch: string,
  level: number,
  signal?: AbortSignal,
): Promise<BranchProtection | undefined> {
  const requiresSignatures = await wantsSignatures(reader, projectPath, signal)
  const found = await reader.get(`${projectPath}/repository/branches/${encodeURIComponent(branch)}`, signal)
  if (found.status !== 404 && found.status !== 200)
    throw gitLabFailure(found, { object: `branch ${branch}`, act: 'read a branch' })
  if (found.status === 200 && isObject(found.body)) {
    const { protected: isProtected, can_push: canPush } = found.body
    if (isProtected !== true && canPush !== false && !requiresSignatures) return undefined
    return { requiresPullRequest: canPush === false, requiresSignatures, mayPush: canPush !== false }
  }
  const list = await reader.get(`${projectPath}/protected_branches?per_page=100`, signal)
  const rules = Array.isArray(list.body) ? list.body.filter(isObject) : []
  const hits = rules.filter(rule => matches(String(rule['name'] ?? ''), branch))
  if (hits.length === 0 && !requiresSignatures) return undefined
  const needed = hits.length === 0 ? 0 : Math.min(...hits.map(lowestLevel))
  const mayPush = level >= needed
  return { requiresPullRequest: !mayPush, requiresSignatures, mayPush }
}

/** The level from which pushes are taken; 0 in a rule means "no one". With several rules the most generous counts. */
function lowestLevel(rule: Record<string, unknown>): number {
  const levels = Array.isArray(rule['push_access_levels']) ? rule['push_access_levels'].filter(isObject) : []
  const numbers = levels
    .map(level => level['access_level'])
    .filter((level): level is number => typeof level === 'number')
  const open = numbers.filter(level => level > 0)
  return open.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...open)
}

/** `*` in the name of a protected branch stands for anything. */
export function matches(rule: string, branch: string): boolean {
  const source = rule
    .split('*')
    .map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')
  return new RegExp(`^${source}$`).test(branch)
}

async function wantsSignatures(reader: Reader, projectPath: string, signal: AbortSignal | undefined): Promise<boolean> {
  const answer = await reader.get(`${projectPath}/push_rule`, signal)
  return answer.status === 200 && isObject(answer.body) && answer.body['reject_unsigned_commits'] === true
}
