import { jsonEqual } from '../../../base/json.ts'
import { isNotFound } from '../../../kube/client/index.ts'
import type { KubeClient } from '../../../kube/client/types.ts'
import { refOf } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { isKindName, type KindName } from './kinds.ts'
import type { Seen } from './seen.ts'

/** Under whose name the API server records a write: the program that would make it in a real cluster. */
export type Manager = 'kube-controller-manager' | 'kube-scheduler' | 'kubelet'

/** Writes, each of which ends when the cache has seen it. */
export class Writer {
  readonly #client: KubeClient
  readonly #seen: Readonly<Record<KindName, Seen>>

  constructor(client: KubeClient, seen: Readonly<Record<KindName, Seen>>) {
    this.#client = client
    this.#seen = seen
  }

  async create(object: KubeObject, fieldManager: Manager = 'kube-controller-manager'): Promise<KubeObject> {
    const made = await this.#client.create(object, { fieldManager })
    await this.#see(made)
    return made
  }

  /** A merge patch of spec or metadata, refused when the object has changed since it was read. */
  async patch(
    object: KubeObject,
    patch: { readonly metadata?: Record<string, unknown>; readonly [key: string]: unknown },
    fieldManager: Manager = 'kube-controller-manager',
  ): Promise<KubeObject> {
    const { uid, resourceVersion } = object.metadata
    const body = { ...patch, metadata: { ...patch.metadata, uid, resourceVersion } }
    const written = await this.#client.patch(refOf(object), 'merge', body, { fieldManager })
    await this.#see(written)
    return written
  }

  /**
   * Makes `status` the object's status; nothing is sent when it is that already. Annotations go with it, because a
   * Deployment's revision is written through the same call (deployment controller, `SetDeploymentRevision`).
   */
  async status(
    object: KubeObject,
    status: object,
    options: { readonly fieldManager?: Manager; readonly annotations?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const before = (object['status'] ?? {}) as Record<string, unknown>
    const { fieldManager = 'kube-controller-manager', annotations = {} } = options
    const own = object.metadata.annotations ?? {}
    const newAnnotations = Object.entries(annotations).some(([key, value]) => own[key] !== value)
    if (jsonEqual(before, status) && !newAnnotations) return
    const gone = Object.keys(before).filter(key => (status as Record<string, unknown>)[key] === undefined)
    const body = {
      metadata: { uid: object.metadata.uid, ...(newAnnotations ? { annotations } : {}) },
      status: { ...replacing(before, status), ...Object.fromEntries(gone.map(key => [key, null])) },
    }
    try {
      await this.#see(await this.#client.patch(refOf(object), 'merge', body, { subresource: 'status', fieldManager }))
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  /** Deletes exactly this object; one that is gone already, or made anew meanwhile, is left alone. */
  async delete(object: KubeObject, gracePeriodSeconds?: number): Promise<void> {
    const { uid } = object.metadata
    await this.#client.delete(refOf(object), {
      propagationPolicy: 'Background',
      ...(uid === undefined ? {} : { preconditions: { uid } }),
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    })
    if (isKindName(object.kind)) await this.#seen[object.kind].deletion(object)
  }

  /** Puts a Pod on a Node, through `pods/NAME/binding` as every scheduler does. */
  async bind(pod: KubeObject, node: string): Promise<void> {
    const { namespace = '', name = '', uid } = pod.metadata
    await this.#client.request({
      method: 'POST',
      path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/binding`,
      query: { fieldManager: 'kube-scheduler' },
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { namespace, name, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      },
    })
  }

  async #see(written: KubeObject): Promise<void> {
    if (isKindName(written.kind)) await this.#seen[written.kind].version(written)
  }
}

/** A merge patch leaves keys of inner objects that it does not name; those are named with null. */
function replacing(before: Record<string, unknown>, next: object): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(next)) {
    const was = before[key]
    const inner = isPlain(value) && isPlain(was)
    const gone = inner ? Object.keys(was).filter(name => !(name in value)) : []
    out[key] = inner ? { ...value, ...Object.fromEntries(gone.map(name => [name, null])) } : value
  }
  return out
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
