import type { FieldError } from '../../../kube/field-error.ts'
import type { GroupVersionKind } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Schema } from '../../../kube/schema/types.ts'

/** A kind that the API server serves: builtin or defined by a CRD. One definition per group and kind. */
export interface KindDefinition {
  readonly group: string
  readonly kind: string
  readonly listKind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  /** Served versions, preferred first. */
  readonly versions: readonly KindVersion[]
  /** The version in which objects are kept. */
  readonly storageVersion: string
  /** Defined by a CustomResourceDefinition; builtin otherwise. The two differ in details of their answers. */
  readonly custom: boolean
  /** Where objects are kept when that is with another kind, of which this is a second face. */
  readonly keptAs?: { readonly collection: string; readonly apiVersion: string }
  readonly strategy: KindStrategy
}

export interface KindVersion {
  readonly version: string
  readonly verbs: readonly string[]
  /** Undefined: anything goes (no pruning, no field validation, deduced merge). */
  readonly schema: Schema | undefined
  readonly subresources: { readonly status?: boolean; readonly scale?: ScaleSubresource }
  /** Table columns beside Name; undefined: Name and Age. */
  readonly columns?: TableColumns
  /** Field paths that field selectors may use, besides metadata.name and metadata.namespace. */
  readonly selectableFields?: readonly string[]
  readonly deprecationWarning?: string
  /** Served but not kept: only `create` answers (access reviews, token reviews). */
  readonly virtual?: boolean
  /** Further subresources, by name: `token`, `binding`, `finalize`, … */
  readonly otherSubresources?: readonly SubresourceInfo[]
}

/** A subresource as discovery shows it. */
export interface SubresourceInfo {
  readonly name: string
  readonly kind: string
  /** Group and version of the kind where they differ from the resource's. */
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
}

export interface ScaleSubresource {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  readonly labelSelectorPath?: string
}

/** Rules of one kind, called by the write path in this order: default → prepare → validate. Pure but for the object given. */
export interface KindStrategy {
  /** Fills in defaults, in place. */
  applyDefaults?(object: KubeObject, version: string): void
  /** Before a create: drop or set what clients may not decide (status, phase, …), in place. */
  prepareCreate?(object: KubeObject): void
  /** Before an update of the main resource: keep what it may not change (status), in place. `generation` is handled by the server. */
  prepareUpdate?(object: KubeObject, old: KubeObject): void
  /** Before an update of the status subresource: keep everything but status, in place; absent: spec and most metadata are kept. */
  prepareStatusUpdate?(object: KubeObject, old: KubeObject): void
  validateCreate?(object: KubeObject): FieldError[]
  /** `forgive` is told of errors that the old object had too and that are let pass for it (KEP-4008): they become warnings. */
  validateUpdate?(object: KubeObject, old: KubeObject, forgive?: (error: FieldError) => void): FieldError[]
  validateStatusUpdate?(object: KubeObject, old: KubeObject, forgive?: (error: FieldError) => void): FieldError[]
  /** Headers of type Warning to send for an object. */
  warnings?(object: KubeObject): string[]
  /** What is wrong with a name, as sentences. Default: the rule of DNS-1123 subdomains. */
  nameRule?(name: string): string[]
  /**
   * A stored object as a version shows it: older objects get defaults and lose fields that the version does not have.
   * Absent: it is shown as it is kept. Must not change its argument.
   */
  present?(object: KubeObject, version: string): KubeObject
  /** The object in another served version; absent: only `apiVersion` changes. Must not change its argument. */
  convert?(object: KubeObject, apiVersion: string): KubeObject
  /** Whether a PUT may create an object that is not there. Default: false. */
  readonly allowCreateOnUpdate?: boolean
  /** Whether a PUT without a resource version overwrites. Default: true for builtin kinds, false for custom ones. */
  readonly allowUnconditionalUpdate?: boolean
  /** Whether a deletion that is done at once answers with the object instead of a Status. Default: false. */
  readonly returnsDeleted?: boolean
  /**
   * Kinds with graceful deletion: the seconds that an object may linger, given what the client asked for. 0: it goes at once.
   */
  gracePeriodSeconds?(object: KubeObject, asked: number | undefined): number
  /** Kinds that are held by a finalizer of their own when deleted without a propagation policy. */
  defaultFinalizer?(object: KubeObject): string | undefined
  /** Changes an object that has just been marked for deletion, in place (a phase, say). */
  markDeleted?(object: KubeObject): void
  /** Whether something beside `metadata.finalizers` holds an object that is being deleted. */
  isHeld?(object: KubeObject): boolean
  /** Why an object may not be deleted at all (403); undefined when it may. */
  undeletable?(object: KubeObject): string | undefined
  /** Whether `metadata.generation` is kept for the kind. Default: true when the kind has a spec. */
  readonly hasGeneration?: boolean
  /** What counts for generation, as dotted paths (`metadata.annotations`); default: everything but metadata and status. */
  readonly generationFields?: readonly string[]
}

/** How a kind is shown in tables (kubectl get). */
export interface TableColumns {
  readonly definitions: readonly TableColumn[]
  /** Whether the definitions hold the name themselves (events show it last). Default: the server puts a Name column first. */
  readonly includesName?: boolean
  /** The cells of one object, one for each definition. */
  cells(object: KubeObject, now: Date): unknown[]
}

export interface TableColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description?: string
  /** 0 is shown always; 1 with `-o wide`. */
  readonly priority?: number
}

/** A check of a write by a part of the same process, as an admission webhook would do it. */
export interface AdmissionPlugin {
  readonly name: string
  /** Whether it wants to see this kind. */
  handles(gvk: GroupVersionKind): boolean
  /** Resolves with field errors (422), a refusal (403) or nothing. */
  review(request: AdmissionRequest): Promise<AdmissionResult>
}

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly gvk: GroupVersionKind
  readonly subresource: string
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
  readonly dryRun: boolean
  readonly user: string
}

export interface AdmissionResult {
  readonly fieldErrors?: readonly FieldError[]
  /** Why the request is refused, in one sentence. */
  readonly denied?: string
  readonly warnings?: readonly string[]
}
