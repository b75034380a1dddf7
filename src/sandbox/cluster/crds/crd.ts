import { isObject } from '../../../base/json.ts'
import type { Condition, KubeObject } from '../../../kube/object.ts'
import type { Schema } from '../../../kube/schema/types.ts'

/** The collection that definitions are kept in. */
export const crdCollection = 'customresourcedefinitions.apiextensions.k8s.io'
/** Holds a definition until its resources are gone. */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

/** The parts of a CustomResourceDefinition's spec that the server acts on. */
export interface CrdSpec {
  readonly group: string
  readonly scope: 'Namespaced' | 'Cluster'
  readonly names?: CrdNames
  readonly versions?: readonly CrdVersion[]
}

export interface CrdNames {
  plural?: string
  singular?: string
  kind?: string
  listKind?: string
  shortNames?: string[]
  categories?: string[]
}

export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: Schema }
  readonly subresources?: {
    readonly status?: Record<string, unknown>
    readonly scale?: {
      readonly specReplicasPath: string
      readonly statusReplicasPath: string
      readonly labelSelectorPath?: string
    }
  }
  readonly additionalPrinterColumns?: readonly CrdColumn[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

export interface CrdColumn {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
}

export interface CrdStatus {
  conditions?: Condition[] | null
  acceptedNames?: CrdNames
  storedVersions?: string[]
}

export function specOf(crd: KubeObject): CrdSpec {
  return (isObject(crd['spec']) ? crd['spec'] : {}) as unknown as CrdSpec
}

export function statusOf(crd: KubeObject): CrdStatus {
  return (isObject(crd['status']) ? crd['status'] : {}) as CrdStatus
}

/** The status of a condition: `True`, `False`, or undefined when it is not set. */
export function conditionOf(crd: KubeObject, type: string): string | undefined {
  return statusOf(crd).conditions?.find(condition => condition.type === type)?.status
}
