import type { KubeClient } from '../../../kube/client/types.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { helmManager } from '../contract.ts'
import { releaseType } from '../storage/release.ts'

/** What one run of helm may do, and what it is told apart. */
export interface SessionOptions {
  /** Client of the release's cluster, as the identity that it is released with. */
  readonly client: KubeClient
  /** Namespace of the release: where helm itself would keep its storage. */
  readonly releaseNamespace: string
  /** Where the storage is kept instead (`spec.storageNamespace`). */
  readonly storageNamespace: string
  /** Called for each revision that helm has stored, in order. */
  readonly onStored: (secret: KubeObject) => void
  /** Ends all requests. */
  readonly signal: AbortSignal
}

/** Whether a request is about helm's storage, and where it really goes. */
export interface Rewritten {
  readonly target: string
  /** A revision is written: the answer is the Secret as it is stored. */
  readonly stores: boolean
}

/**
 * The request as it goes to the API server. Fields are owned by Flux's manager, not by `helm`, so that either engine takes
 * a release over from the other. The storage goes where the HelmRelease wants it: helm knows only the release's own
 * namespace.
 */
export function rewrite(
  method: string,
  target: string,
  body: Buffer | undefined,
  options: Pick<SessionOptions, 'releaseNamespace' | 'storageNamespace'>,
): Rewritten {
  const url = new URL(target, 'http://gateway')
  if (url.searchParams.get('fieldManager') === 'helm') url.searchParams.set('fieldManager', helmManager)
  const prefix = `/api/v1/namespaces/${options.releaseNamespace}/secrets`
  let stores = false
  if (isStorage(method, url, body, prefix)) {
    stores = method === 'POST' || method === 'PUT'
    url.pathname = `/api/v1/namespaces/${options.storageNamespace}/secrets${url.pathname.slice(prefix.length)}`
  }
  return { target: url.pathname + url.search, stores }
}

function isStorage(method: string, url: URL, body: Buffer | undefined, prefix: string): boolean {
  if (url.pathname.startsWith(`${prefix}/sh.helm.release.v1.`)) return true
  if (url.pathname !== prefix) return false
  if (method === 'POST') return body !== undefined && isRelease(body)
  return /(^|,)owner=helm(,|$)/.test(url.searchParams.get('labelSelector') ?? '')
}

/** helm's storage speaks protobuf (it opens with `k8s` and a zero), everything else of helm JSON. */
function isRelease(body: Buffer): boolean {
  if (!body.includes(releaseType) || !body.includes('sh.helm.release.v1.')) return false
  if (body.subarray(0, 4).equals(Buffer.from('k8s\0', 'latin1'))) return true
  try {
    return (JSON.parse(body.toString('utf8')) as { type?: unknown }).type === releaseType
  } catch {
    return false
  }
}
