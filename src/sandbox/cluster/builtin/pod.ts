import { createHash } from 'node:crypto'
import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { parseQuantity } from '../../../kube/structural/quantity.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, number, setDefault, text } from './fields.ts'
import { defaultPodSpec } from './pod-defaults.ts'
import { podSpecErrors } from './pod-validation.ts'

/** Rules of core/v1 Pods, with what the server's own admission plugins add to a pod. */
export const podStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    defaultPodSpec(spec)
    // Only pods themselves, not templates, get these two.
    if (typeof spec['enableServiceLinks'] !== 'boolean') spec['enableServiceLinks'] = true
    for (const container of [...items(spec, 'containers'), ...items(spec, 'initContainers')]) requestLimits(container)
  },
  prepareCreate(object) {
    const spec = ensure(object, 'spec')
    object['status'] = { phase: 'Pending', qosClass: qosClass(spec) }
    serviceAccount(object, spec)
    tolerate(spec)
    priority(spec)
  },
  prepareUpdate(object, old) {
    object['status'] = old['status']
  },
  validateCreate: object => podSpecErrors(child(object, 'spec'), 'spec'),
  validateUpdate(object, old) {
    const errors = podSpecErrors(child(object, 'spec'), 'spec')
    return errors.length > 0 ? errors : changeErrors(object, old)
  },
  gracePeriodSeconds(object, asked) {
    const spec = child(object, 'spec')
    const phase = text(child(object, 'status'), 'phase')
    if (text(spec, 'nodeName') === '' || phase === 'Failed' || phase === 'Succeeded') return 0
    const seconds = asked ?? number(spec, 'terminationGracePeriodSeconds') ?? 30
    return seconds < 0 ? 1 : seconds
  },
  returnsDeleted: true,
  hasGeneration: true,
}

/** What is limited is also requested. */
function requestLimits(container: Fields): void {
  const resources = child(container, 'resources')
  const limits = child(resources ?? {}, 'limits')
  if (resources === undefined || limits === undefined || Object.keys(limits).length === 0) return
  resources['requests'] = { ...limits, ...child(resources, 'requests') }
}

/** How the pod would be treated under pressure: all limits equal to requests, some, or none. */
function qosClass(spec: Fields): string {
  const containers = [...items(spec, 'containers'), ...items(spec, 'initContainers')]
  const amount = (container: Fields, list: string, name: string): bigint => {
    const value = child(child(container, 'resources') ?? {}, list)?.[name]
    return value === undefined ? 0n : (parseQuantity(String(value)) ?? 0n)
  }
  const names = ['cpu', 'memory']
  const any = containers.some(c =>
    names.some(name => amount(c, 'requests', name) > 0n || amount(c, 'limits', name) > 0n),
  )
  if (!any) return 'BestEffort'
  const all = containers.every(c =>
    names.every(name => amount(c, 'limits', name) > 0n && amount(c, 'limits', name) === amount(c, 'requests', name)),
  )
  return all ? 'Guaranteed' : 'Burstable'
}

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The admission plugin ServiceAccount: a name, and a volume with a token unless the pod refuses one. */
function serviceAccount(object: KubeObject, spec: Fields): void {
  setDefault(spec, 'serviceAccountName', 'default')
  spec['serviceAccount'] = spec['serviceAccountName']
  if (spec['automountServiceAccountToken'] === false) return
  const all = [...items(spec, 'containers'), ...items(spec, 'initContainers')]
  const without = all.filter(
    container => !items(container, 'volumeMounts').some(mount => mount['mountPath'] === tokenPath),
  )
  if (without.length === 0) return
  const suffix = createHash('sha256')
    .update(object.metadata.uid ?? '')
    .digest('hex')
    .slice(0, 5)
  const name = `kube-api-access-${suffix}`
  for (const container of without) {
    container['volumeMounts'] = [...items(container, 'volumeMounts'), { name, readOnly: true, mountPath: tokenPath }]
  }
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
      },
    },
    // The server whose answers are the reference projects these as well; nothing here reads them.
    { configMap: { name: 'openshift-service-ca.crt', items: [{ key: 'service-ca.crt', path: 'service-ca.crt' }] } },
  ]
  spec['volumes'] = [...items(spec, 'volumes'), { name, projected: { sources, defaultMode: 420 } }]
}

/** The admission plugin DefaultTolerationSeconds. */
function tolerate(spec: Fields): void {
  const own = items(spec, 'tolerations')
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter(
      key =>
        !own.some(
          toleration =>
            (text(toleration, 'key') === key || text(toleration, 'key') === '') &&
            (text(toleration, 'effect') === 'NoExecute' || text(toleration, 'effect') === ''),
        ),
    )
    .map(key => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }))
  if (added.length > 0) spec['tolerations'] = [...own, ...added]
}

const systemPriorities: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2000000000,
  'system-node-critical': 2000001000,
}

/** The admission plugin Priority, for the classes that every cluster has. */
function priority(spec: Fields): void {
  if (typeof spec['priority'] !== 'number') {
    spec['priority'] = systemPriorities[text(spec, 'priorityClassName')] ?? 0
  }
  setDefault(spec, 'preemptionPolicy', 'PreemptLowerPriority')
}

const changeable =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

function changeErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [child(object, 'spec') ?? {}, child(old, 'spec') ?? {}]
  const kept = items(before, 'tolerations').every(was =>
    items(now, 'tolerations').some(is => jsonEqual({ ...is, tolerationSeconds: 0 }, { ...was, tolerationSeconds: 0 })),
  )
  return kept && jsonEqual(fixedPart(now), fixedPart(before)) ? [] : [forbidden('spec', changeable)]
}

function fixedPart(spec: Fields): Fields {
  const { activeDeadlineSeconds: _, tolerations: __, ...rest } = spec
  const withoutImages = (list: readonly Fields[]): Fields[] => list.map(container => ({ ...container, image: '' }))
  return {
    ...rest,
    containers: withoutImages(items(spec, 'containers')),
    initContainers: withoutImages(items(spec, 'initContainers')),
  }
}
