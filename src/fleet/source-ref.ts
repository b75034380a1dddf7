import { isObject, valueAt } from '../base/json.ts'
import type { ObjectRef } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { fluxKindOf, type NamedFluxKind } from './flux-kinds.ts'

/** The source that a Kustomization or HelmRelease takes its files or chart from. */
export function sourceRefOf(object: KubeObject): ObjectRef | undefined {
  const ref =
    valueAt(object, ['spec', 'sourceRef']) ??
    valueAt(object, ['spec', 'chartRef']) ??
    valueAt(object, ['spec', 'chart', 'spec', 'sourceRef'])
  if (!isObject(ref) || typeof ref['kind'] !== 'string' || typeof ref['name'] !== 'string') return undefined
  const kind = sourceKind(ref['kind'])
  const namespace = typeof ref['namespace'] === 'string' ? ref['namespace'] : (object.metadata.namespace ?? '')
  return kind && { ...kind, name: ref['name'], namespace }
}

function sourceKind(kind: string): NamedFluxKind | undefined {
  return fluxKindOf({ group: 'source.toolkit.fluxcd.io', kind })
}
