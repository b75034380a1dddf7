import { isObject, valueAt } from '../../../../base/json.ts'
import type { KubeObject, ObjectMeta } from '../../../../kube/object.ts'
import { parseYaml } from '../../../../kube/yaml/index.ts'
import type { ClusterState } from '../../cluster-state.ts'
import type { ServedKind } from '../../kinds/registry.ts'
import type { ScaleSubresource } from '../../kinds/types.ts'
import { recordKey } from '../../store/record.ts'
import { selectorText } from '../../tables/column.ts'
import { toRequestVersion } from '../../write/convert.ts'
import { asObject, parseJsonBody } from '../../write/decode.ts'
import { managedApply, withoutScaleTimes } from '../../write/managed.ts'
import { readWriteOptions } from '../../write/options.ts'
import { patcherFor } from '../../write/patchers.ts'
import { updateObject } from '../../write/update.ts'
import { readBody } from '../read-body.ts'
import type { Answer, ResourceRequest } from '../request.ts'
import { badRequest, internalError, invalid, notFound, unsupportedMediaType } from '../status.ts'
import { writeRequestOf } from '../write-context.ts'

const applyType = 'application/apply-patch+yaml'

/** Reads or changes the replica count of an object through `autoscaling/v1 Scale`. */
export async function scaleVerb(cluster: ClusterState, request: ResourceRequest): Promise<Answer> {
  const { kind } = request
  const paths = kind.version.subresources.scale!
  if (request.verb === 'get') {
    const record = cluster.store.collection(kind.collection).get(recordKey(request.namespace, request.name))
    if (!record) throw notFound({ group: kind.definition.group, resource: kind.definition.plural, name: request.name })
    return { status: 200, json: JSON.stringify(scaleOf(kind, paths, toRequestVersion(kind, record.object))) }
  }
  if (mediaTypeOf(request) === applyType) return await applyScale(cluster, request, paths)
  const change = await readChange(request)
  const options = readWriteOptions(
    request.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions',
    request.query,
    request.http.headers['user-agent'],
  )
  const { json } = await updateObject(cluster, writeRequestOf(request, options), {
    next: live => withScale(kind, paths, live!, change),
    managed: false,
    mayCreate: false,
    patch: true,
  })
  return {
    status: 200,
    json: JSON.stringify(scaleOf(kind, paths, toRequestVersion(kind, JSON.parse(json) as KubeObject))),
  }
}

/**
 * Server-side apply of a Scale: an apply of the replica count to the object behind it, under a claim of its own.
 * Contract: Kubernetes' `ScaleHandler`.
 */
async function applyScale(cluster: ClusterState, request: ResourceRequest, paths: ScaleSubresource): Promise<Answer> {
  const { kind } = request
  const options = readWriteOptions('PatchOptions', request.query, request.http.headers['user-agent'], true)
  const text = await readBody(request.http)
  const sent = asObject(text.trimStart().startsWith('{') ? parseJsonBody(text, false).value : parseYaml(text))
  if (sent.apiVersion !== 'autoscaling/v1' || sent.kind !== 'Scale') {
    throw badRequest(`invalid object type: ${sent.apiVersion ?? ''}, Kind=${sent.kind ?? ''}`)
  }
  const replicas = isObject(sent['spec']) ? sent['spec']['replicas'] : undefined
  const write = writeRequestOf(request, options)
  const { json } = await updateObject(cluster, write, {
    next: live => {
      // Judges the count as any other change of it.
      withScale(kind, paths, live!, () => sent)
      const head = { apiVersion: kind.apiVersion, kind: kind.definition.kind, metadata: identityOf(sent) }
      const applied = replicas === undefined ? head : setAt(head, keysOf(paths.specReplicasPath), replicas)
      return withoutScaleTimes(managedApply(write, live, applied as KubeObject, cluster.clock.now()))
    },
    managed: true,
    mayCreate: false,
    patch: true,
  })
  return {
    status: 200,
    json: JSON.stringify(scaleOf(kind, paths, toRequestVersion(kind, JSON.parse(json) as KubeObject))),
  }
}

/** What of its metadata a Scale shares with the object behind it. */
function identityOf({ metadata: { name, namespace, uid, resourceVersion } }: KubeObject): ObjectMeta {
  return { name, namespace, ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) }
}

function mediaTypeOf(request: ResourceRequest): string {
  return (request.http.headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** How a request makes a new Scale of the present one. */
async function readChange(request: ResourceRequest): Promise<(scale: KubeObject) => KubeObject> {
  const text = await readBody(request.http)
  if (request.verb === 'update') {
    const sent = asObject(parseJsonBody(text, false).value)
    return () => sent
  }
  const type = mediaTypeOf(request)
  // A Scale has neither lists to merge nor directives: as a strategic patch it is a merge patch.
  const patcher = patcherFor(
    type === 'application/strategic-merge-patch+json' ? 'application/merge-patch+json' : type,
    request.kind,
  )
  if (!patcher) throw unsupportedMediaType('the body of the request was in an unknown format')
  const patch = patcher(parseJsonBody(text, false).value)
  return scale => asObject(patch(scale))
}

function withScale(
  kind: ServedKind,
  paths: ScaleSubresource,
  live: KubeObject,
  change: (scale: KubeObject) => KubeObject,
): KubeObject {
  const now = scaleOf(kind, paths, live)
  const next = change(now)
  const spec = isObject(next['spec']) ? next['spec'] : {}
  const replicas = spec['replicas'] ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be an integer')
  }
  if (replicas < 0) throw negative(kind, paths, live, replicas)
  const { resourceVersion, uid, name, namespace } = next.metadata
  return {
    ...setAt(live, keysOf(paths.specReplicasPath), replicas),
    metadata: {
      ...live.metadata,
      name: name || live.metadata.name,
      namespace: namespace || live.metadata.namespace,
      uid: uid || live.metadata.uid,
      resourceVersion: resourceVersion === live.metadata.resourceVersion ? undefined : resourceVersion,
    },
  } as KubeObject
}

function negative(kind: ServedKind, paths: ScaleSubresource, live: KubeObject, value: number) {
  const name = live.metadata.name ?? ''
  const { definition } = kind
  return definition.custom
    ? invalid({ group: definition.group, resource: definition.kind, name }, [
        { type: 'FieldValueInvalid', field: paths.specReplicasPath, value, detail: 'should be a non-negative integer' },
      ])
    : invalid({ group: 'autoscaling', resource: 'Scale', name }, [
        { type: 'FieldValueInvalid', field: 'spec.replicas', value, detail: 'must be greater than or equal to 0' },
      ])
}

function scaleOf(kind: ServedKind, paths: ScaleSubresource, object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = valueAt(object, keysOf(paths.specReplicasPath))
  if (kind.definition.custom && replicas === undefined) {
    throw internalError(`the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`)
  }
  const status: Record<string, unknown> = { replicas: valueAt(object, keysOf(paths.statusReplicasPath)) ?? 0 }
  const selector = paths.labelSelectorPath && valueAt(object, keysOf(paths.labelSelectorPath))
  const text = isObject(selector) ? selectorText(selector) : selector
  if (text) status['selector'] = text
  const spec = replicas ? { replicas } : {}
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec,
    status,
  }
}

function keysOf(path: string): string[] {
  return path.replace(/^\./, '').split('.')
}

/** A copy with a value set at a path; objects on the way are made where they are missing. */
function setAt(object: Record<string, unknown>, keys: readonly string[], value: unknown): Record<string, unknown> {
  const [key = '', ...rest] = keys
  const inner = isObject(object[key]) ? object[key] : {}
  return { ...object, [key]: rest.length === 0 ? value : setAt(inner, rest, value) }
}
