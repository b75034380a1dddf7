import { formatRef, refKey, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { StepFailure } from '../failure.ts'
import { applyPolicy } from '../kustomization/owner.ts'
import { digestOf } from '../live/fingerprint.ts'
import { missingKind } from './refusal.ts'
import type { ApplyInput, Candidate } from './types.ts'

/** The objects of a stage as candidates: of a kind that the server has, in a namespace exactly when the kind wants one. */
export async function candidatesOf(input: ApplyInput, objects: readonly KubeObject[]): Promise<Candidate[]> {
  const kinds = new Map(objects.map(object => [`${object.apiVersion} ${object.kind}`, refOf(object)]))
  const namespaced = new Map<string, boolean>()
  await Promise.all(
    [...kinds].map(async ([key, ref]) => {
      const resource = await input.client.resourceFor(ref, { signal: input.signal })
      if (resource === undefined) throw missingKind(ref)
      namespaced.set(key, resource.namespaced)
      if (resource.verbs.includes('list') && resource.verbs.includes('watch')) await input.live.ensure(ref)
    }),
  )
  return objects.map(object => {
    const desired = placed(object, namespaced.get(`${object.apiVersion} ${object.kind}`) === true)
    const ref = refOf(desired)
    const live = input.live.get(ref)
    return {
      desired,
      ref,
      key: refKey(ref),
      payload: digestOf(desired),
      live,
      policy: applyPolicy(desired, live?.object),
    }
  })
}

function placed(object: KubeObject, namespaced: boolean): KubeObject {
  if (namespaced && !object.metadata.namespace) {
    throw new StepFailure(
      'ReconciliationFailed',
      `${formatRef(refOf(object))} namespace not specified: ${object.kind} is a namespaced kind; set metadata.namespace or spec.targetNamespace`,
    )
  }
  if (namespaced || object.metadata.namespace === undefined) return object
  const { namespace: _namespace, ...metadata } = object.metadata
  return { ...object, metadata }
}
