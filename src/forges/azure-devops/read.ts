import { isObject } from '../../base/json.ts'
import type { ForgeRepository } from '../types.ts'

/** The security namespace "Git Repositories" and its permissions, by Microsoft's "Security namespace and permission reference". */
export const gitSecurity = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'
export const gitPermission = {
  contribute: 4,
  bypassPolicies: 128,
  createRepository: 256,
  managePermissions: 8192,
} as const

/** A repository of the API in our terms. */
export function readRepository(
  found: Record<string, unknown>,
  web: string,
  canPush: boolean | undefined,
  canManage: boolean,
): ForgeRepository {
  const project = isObject(found['project']) ? found['project'] : {}
  const owner = String(project['name'] ?? '')
  const name = String(found['name'] ?? '')
  const branch = found['defaultBranch']
  const page = `${web}/${encodeURIComponent(owner)}/_git/${encodeURIComponent(name)}`
  return {
    ...(found['id'] !== undefined && { id: String(found['id']) }),
    owner,
    name,
    private: project['visibility'] !== 'public',
    archived: found['isDisabled'] === true,
    // A repository without commits has no default branch.
    empty: typeof branch !== 'string',
    defaultBranch: typeof branch === 'string' ? branch.replace(/^refs\/heads\//, '') : 'main',
    cloneUrl: page,
    webUrl: page,
    permissions: {
      pull: true,
      push: canPush === true,
      admin: canManage,
      ...(canPush === undefined && { undetermined: true }),
    },
  }
}

/** The entries of a list: `{count, value}`. */
export function valuesOf(body: unknown): Record<string, unknown>[] {
  return isObject(body) && Array.isArray(body['value']) ? body['value'].filter(isObject) : []
}
