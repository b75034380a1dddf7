import { isObject } from '../../base/json.ts'
import type { DeployKey, ForgeRepository, Webhook } from '../types.ts'

/** A repository of Bitbucket Cloud in our terms, for an account with this role; undefined when that is not told. */
export function readRepository(
  found: Record<string, unknown>,
  role: 'admin' | 'contributor' | 'member' | undefined,
): ForgeRepository {
  const [owner = '', name = ''] = String(found['full_name'] ?? '').split('/')
  const links = isObject(found['links']) ? found['links'] : {}
  const clones = Array.isArray(links['clone']) ? links['clone'].filter(isObject) : []
  const https = clones.find(link => link['name'] === 'https')
  const branch = isObject(found['mainbranch']) ? found['mainbranch']['name'] : undefined
  return {
    ...(found['uuid'] !== undefined && { id: String(found['uuid']) }),
    owner,
    name,
    private: found['is_private'] === true,
    archived: false,
    empty: typeof branch !== 'string',
    defaultBranch: typeof branch === 'string' ? branch : 'main',
    // The address comes with the name of the account in it, which is no part of where the repository is.
    cloneUrl: String(https?.['href'] ?? '').replace(/^(https?:\/\/)[^@/]*@/, '$1'),
    webUrl: isObject(links['html']) ? String(links['html']['href'] ?? '') : '',
    permissions: {
      pull: true,
      push: role === 'admin' || role === 'contributor',
      admin: role === 'admin',
      ...(role === undefined && { undetermined: true }),
    },
  }
}

/** The entries of a page; Bitbucket Cloud pages with `values` and `next`. */
export function valuesOf(body: unknown): Record<string, unknown>[] {
  return isObject(body) && Array.isArray(body['values']) ? body['values'].filter(isObject) : []
}

/** An access key, which only ever reads. */
export function readAccessKey(found: Record<string, unknown>): DeployKey {
  return {
    id: String(found['id'] ?? ''),
    title: String(found['label'] ?? ''),
    key: String(found['key'] ?? ''),
    readOnly: true,
  }
}

/** A webhook in our terms. */
export function readHook(found: Record<string, unknown>): Webhook {
  return { id: String(found['uuid'] ?? ''), url: String(found['url'] ?? ''), active: found['active'] === true }
}
