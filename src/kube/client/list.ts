import { isObject } from '../../base/json.ts'
import { formatApiVersion } from '../identity.ts'
import type { KubeObject } from '../object.ts'
import type { Impersonation } from './access.ts'
import type { Connection } from './connection.ts'
import { collectionPath, withQuery } from './paths.ts'
import { isGone } from './status.ts'
import type { ApiResource, ListOptions, ListResult } from './types.ts'

const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

interface Page {
  readonly items?: KubeObject[] | null
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
}

/** Reads a whole collection page by page. The pages are of one moment: the server ties them by the continue token. */
export async function listAll(
  connection: Connection,
  identity: Impersonation | undefined,
  resource: ApiResource,
  options: ListOptions,
): Promise<ListResult> {
  try {
    return await pages(connection, identity, resource, options, options.limit ?? 500)
  } catch (error) {
    // The token outlived the server's history (410): read everything at once, as client-go's pager does.
    if (!isGone(error)) throw error
    return pages(connection, identity, resource, options, undefined)
  }
}

async function pages(
  connection: Connection,
  identity: Impersonation | undefined,
  resource: ApiResource,
  options: ListOptions,
  limit: number | undefined,
): Promise<ListResult> {
  const path = collectionPath(resource, options.namespace)
  const { labelSelector, fieldSelector } = options
  const items: KubeObject[] = []
  let token: string | undefined
  let resourceVersion = ''
  do {
    const page: Page = await connection.send<Page>(identity, {
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      method: 'GET',
      target: withQuery(path, { labelSelector, fieldSelector, limit, continue: token }),
      ...(options.metadataOnly ? { accept: metadataOnly } : {}),
      repeatable: true,
      object: `list of ${resource.kind}`,
    })
    for (const item of page.items ?? []) if (isObject(item)) items.push(typed(item, resource))
    resourceVersion = page.metadata?.resourceVersion ?? resourceVersion
    token = page.metadata?.continue || undefined
  } while (token !== undefined)
  return { items, resourceVersion }
}

/** Items of a list leave out apiVersion and kind, and metadata-only ones carry another kind: give each its own. */
function typed(item: KubeObject, resource: ApiResource): KubeObject {
  if (item.kind !== resource.kind) {
    item.apiVersion = formatApiVersion(resource)
    item.kind = resource.kind
  }
  item.metadata ??= {}
  return item
}
