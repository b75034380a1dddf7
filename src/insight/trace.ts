import { sourceRefOf } from '../fleet/source-ref.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { conditionOf } from '../kube/condition.ts'
import { formatRef, type ObjectRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { ownerOf, textAt } from './flux-objects.ts'

/** One station on the way from an object back to where it came from. */
export interface TraceStation {
  readonly ref: ObjectRef
  /** What is worth knowing of it, in order. */
  readonly facts: readonly (readonly [label: string, text: string])[]
}

/** Where an object came from: itself, then what applied it, up to the source. */
export interface Trace {
  readonly managed: boolean
  readonly stations: readonly TraceStation[]
}

/** Follows an object to the Kustomization or HelmRelease that applied it, and on to the source and its revision. */
export async function traceObject(client: KubeClient, object: KubeObject, signal: AbortSignal): Promise<Trace> {
  const owner = await ownerThrough(client, object, signal)
  const stations: TraceStation[] = [
    { ref: refOf(object), facts: [['Status', owner ? `Managed by ${formatRef(owner)}` : 'Not managed by Flux']] },
  ]
  let at = owner
  for (let depth = 0; at && depth < 10; depth++) {
    const found: KubeObject | undefined = await client.find(at, { signal })
    stations.push(found ? stationOf(found) : { ref: at, facts: [['Status', 'it is not in the cluster']] })
    if (!found) break
    at = sourceRefOf(found)
  }
  return { managed: owner !== undefined, stations }
}

/** An object that a controller made carries no label: its owners are asked in its place. */
async function ownerThrough(
  client: KubeClient,
  object: KubeObject,
  signal: AbortSignal,
): Promise<ObjectRef | undefined> {
  let at: KubeObject | undefined = object
  for (let depth = 0; at && depth < 10; depth++) {
    const owner = ownerOf(at)
    if (owner) return owner
    const controller = at.metadata.ownerReferences?.find(one => one.controller === true)
    if (!controller) return undefined
    const [group = '', version = ''] = controller.apiVersion.includes('/')
      ? controller.apiVersion.split('/')
      : ['', controller.apiVersion]
    const ref = { group, version, kind: controller.kind, name: controller.name, namespace: at.metadata.namespace ?? '' }
    at = await client.find(ref, { signal })
  }
  return undefined
}

function stationOf(object: KubeObject): TraceStation {
  const ready = conditionOf(object, 'Ready')
  const since = ready?.lastTransitionTime
  const facts: (readonly [string, string | undefined])[] = [
    ['Path', textAt(object, 'spec', 'path')],
    ['URL', textAt(object, 'spec', 'url')],
    ['Chart', textAt(object, 'spec', 'chart', 'spec', 'chart') ?? textAt(object, 'spec', 'chart')],
    ['Branch', textAt(object, 'spec', 'ref', 'branch')],
    ['Tag', textAt(object, 'spec', 'ref', 'tag')],
    [
      'Revision',
      textAt(object, 'status', 'lastAppliedRevision') ??
        textAt(object, 'status', 'artifact', 'revision') ??
        textAt(object, 'status', 'lastAttemptedRevision'),
    ],
    ['Status', ready ? `${statusWord(ready.status)}${since ? ` since ${since}` : ''}` : 'Not looked at by any engine'],
    ['Message', ready?.message],
  ]
  return { ref: refOf(object), facts: facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined) }
}

function statusWord(status: string): string {
  return status === 'True' ? 'Ready' : status === 'False' ? 'Not ready' : 'In progress'
}
