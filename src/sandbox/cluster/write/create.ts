import { randomUUID } from 'node:crypto'
import { parseApiVersion } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { checkEscalation, grantingCollections } from '../auth/escalation.ts'
import type { ClusterState } from '../cluster-state.ts'
import { alreadyExists, badRequest, invalid, StatusError } from '../http/status.ts'
import { recordKey } from '../store/record.ts'
import { pluginsFor, review } from './admission.ts'
import { storageApiVersion, toRequestVersion, toStorageVersion } from './convert.ts'
import { generatedName } from './generated-name.ts'
import { hasGeneration } from './generation.ts'
import { managedUpdate } from './managed.ts'
import { requireNamespace } from './namespace-check.ts'
import { shaped } from './object-shape.ts'
import { dedupOwners } from './owners.ts'
import { admitPod } from './pod-admission.ts'
import { timestamp } from './timestamp.ts'
import { applyDefaults, validateNew } from './validate.ts'
import type { WriteOutcome, WriteRequest } from './write-request.ts'

/** Attempts to find a free name for `generateName`: as many as Kubernetes makes since 1.30 (KEP-4420). */
const nameAttempts = 8

/**
 * Creates an object from what a client sent, decoded and in the request's version.
 * @param managed Whether its managed fields are worked out already, as in a server-side apply.
 */
export async function createObject(
  cluster: ClusterState,
  request: WriteRequest,
  sent: KubeObject,
  managed = false,
): Promise<WriteOutcome> {
  checkNamespace(request, sent)
  const { generateName } = sent.metadata
  const attempts = !sent.metadata.name && generateName ? nameAttempts : 1
  for (let attempt = 1; ; attempt++) {
    const named = { ...sent, metadata: { ...sent.metadata } }
    if (!named.metadata.name && generateName) named.metadata.name = generatedName(generateName)
    try {
      return await createNamed(cluster, request, named, managed)
    } catch (error) {
      if (!(error instanceof StatusError) || error.status.reason !== 'AlreadyExists' || attempt >= attempts) throw error
    }
  }
}

async function createNamed(
  cluster: ClusterState,
  request: WriteRequest,
  named: KubeObject,
  managed: boolean,
): Promise<WriteOutcome> {
  const { definition } = request.kind
  const now = cluster.clock.now()
  requireNamespace(cluster, request, named)
  if (grantingCollections.has(request.kind.collection))
    checkEscalation(cluster.store, request.user, definition.plural, request.namespace, named, undefined)
  named.metadata.resourceVersion = undefined
  applyDefaults(request, named)
  dedupOwners(request, named)
  const object = toStorageVersion(request.kind, managed ? named : managedUpdate(request, undefined, named, now))
  const meta = object.metadata
  meta.uid = randomUUID()
  meta.creationTimestamp = timestamp(now)
  meta.deletionTimestamp = undefined
  meta.deletionGracePeriodSeconds = undefined
  meta.namespace = definition.namespaced ? request.namespace : undefined
  definition.strategy.prepareCreate?.(object)
  if (request.kind.collection === 'pods') admitPod(cluster.store, request, object)
  meta.generation = hasGeneration(request.kind) ? 1 : undefined
  const subject = { group: definition.group, resource: definition.plural, name: meta.name ?? '' }
  const errors = validateNew(request, object)
  // A second face of a kind speaks of the kind that it is kept as.
  const group = definition.keptAs ? parseApiVersion(definition.keptAs.apiVersion).group : definition.group
  if (errors.length > 0) throw invalid({ ...subject, group, resource: definition.kind }, errors)
  const plugins = pluginsFor(cluster, request)
  if (plugins.length > 0) await review(plugins, request, 'CREATE', toRequestVersion(request.kind, object), undefined)
  const collection = cluster.store.collection(request.kind.collection)
  const existing = collection.get(recordKey(request.namespace, subject.name))
  if (existing) throw alreadyExists(subject, existing.object.metadata.deletionTimestamp !== undefined)
  const complete = shaped(object, definition.kind, storageApiVersion(request.kind))
  if (request.options.dryRun) return { json: JSON.stringify(complete), outcome: 'created' }
  return { json: cluster.store.put(collection, complete, undefined).json, outcome: 'created' }
}

function checkNamespace(request: WriteRequest, sent: KubeObject): void {
  const { namespace } = sent.metadata
  if (!namespace || namespace === request.namespace) return
  if (request.kind.definition.namespaced) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
}
