import { isObject } from '../../base/json.ts'
import type { TransportAnswer } from '../transport.ts'
import type { BranchProtection } from '../types.ts'
import { gitHubFailure } from './failure.ts'

/** What is asked: a GET to the API. */
export interface Reader {
  get(path: string, signal?: AbortSignal): Promise<TransportAnswer>
}

/**
 * What protects a branch, from GitHub's two mechanisms: rulesets (readable for everybody who reads the repository) and
 * branch protection (readable for administrators; others only hear that there is some).
 */
export async function readProtection(
  reader: Reader,
  repositoryPath: string,
  branch: string,
  signal?: AbortSignal,
): Promise<BranchProtection | undefined> {
  const name = branch.split('/').map(encodeURIComponent).join('/')
  const rules = await reader.get(`${repositoryPath}/rules/branches/${name}?per_page=100`, signal)
  if (rules.status === 401)
    throw gitHubFailure(rules, { object: `branch ${branch}`, act: 'read the rules of a branch' })
  const types = new Set(Array.isArray(rules.body) ? rules.body.filter(isObject).map(rule => rule['type']) : [])
  const classic = await reader.get(`${repositoryPath}/branches/${encodeURIComponent(branch)}/protection`, signal)
  const found = classic.status === 200 && isObject(classic.body) ? classic.body : undefined
  const partial =
    found === undefined &&
    !types.has('pull_request') &&
    (await isProtected(reader, repositoryPath, name, classic, signal))
  const requiresPullRequest = types.has('pull_request') || isObject(found?.['required_pull_request_reviews'])
  const requiresSignatures = types.has('required_signatures') || isEnabled(found?.['required_signatures'])
  const locked = isEnabled(found?.['lock_branch']) || types.has('update')
  if (!found && types.size === 0 && !partial) return undefined
  return {
    requiresPullRequest: requiresPullRequest || locked,
    requiresSignatures,
    // Only classic protection exempts administrators, and only while nothing else applies.
    adminsBypass: found !== undefined && types.size === 0 && !locked && !isEnabled(found['enforce_admins']),
    ...(partial && { partial }),
  }
}

/** Asks the branch itself when its protection cannot be read. "Branch not protected" is an answer; any other 404 is not. */
async function isProtected(
  reader: Reader,
  repositoryPath: string,
  name: string,
  classic: TransportAnswer,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const said = isObject(classic.body) ? classic.body['message'] : undefined
  if (classic.status === 404 && said === 'Branch not protected') return false
  const answer = await reader.get(`${repositoryPath}/branches/${name}`, signal)
  return answer.status === 200 && isObject(answer.body) && answer.body['protected'] === true
}

function isEnabled(value: unknown): boolean {
  return isObject(value) && value['enabled'] === true
}
