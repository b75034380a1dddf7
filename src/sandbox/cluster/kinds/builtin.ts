import { type BuiltinResource, builtinResources, builtinSchemas } from '../../../kube/schema/index.ts'
import { builtinColumns, builtinStrategy } from '../builtin/index.ts'
import { crdStrategy } from '../crds/crd-kind.ts'
import { convertAutoscaler } from './autoscaler-conversion.ts'
import { convertEvent } from './event-conversion.ts'
import { namespaceLifecycle } from './namespace-strategy.ts'
import { selectableFields } from './selectable-fields.ts'
import type { KindDefinition, KindStrategy, KindVersion } from './types.ts'

const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
} as const

/** Rules of the server itself, beside the field rules of a kind. */
const serverRules: Readonly<Record<string, KindStrategy>> = {
  '/Endpoints': { allowCreateOnUpdate: true },
  '/Event': { allowCreateOnUpdate: true, convert: convertEvent },
  '/LimitRange': { allowCreateOnUpdate: true },
  '/Namespace': namespaceLifecycle,
  '/PersistentVolume': { returnsDeleted: true },
  '/PersistentVolumeClaim': { returnsDeleted: true },
  '/PodTemplate': { returnsDeleted: true, hasGeneration: true },
  '/ReplicationController': { hasGeneration: true },
  '/ResourceQuota': { returnsDeleted: true },
  '/Service': { allowCreateOnUpdate: true, returnsDeleted: true },
  '/ServiceAccount': { returnsDeleted: true },
  'apiextensions.k8s.io/CustomResourceDefinition': crdStrategy,
  'autoscaling/HorizontalPodAutoscaler': { convert: convertAutoscaler },
  'coordination.k8s.io/Lease': { allowCreateOnUpdate: true, allowUnconditionalUpdate: false },
  'events.k8s.io/Event': { allowCreateOnUpdate: true, convert: convertEvent },
  'flowcontrol.apiserver.k8s.io/FlowSchema': { hasGeneration: true },
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration': { hasGeneration: true },
  'networking.k8s.io/IngressClass': { hasGeneration: true },
  'rbac.authorization.k8s.io/ClusterRole': { allowCreateOnUpdate: true },
  'rbac.authorization.k8s.io/ClusterRoleBinding': { allowCreateOnUpdate: true },
  'rbac.authorization.k8s.io/Role': { allowCreateOnUpdate: true },
  'rbac.authorization.k8s.io/RoleBinding': { allowCreateOnUpdate: true },
}

/** Kinds that are two faces of one: where their objects are kept. */
const sharedStorage: Readonly<Record<string, KindDefinition['keptAs']>> = {
  'events.k8s.io/Event': { collection: 'events', apiVersion: 'v1' },
}

/** The builtin kinds, in the order of discovery. */
export function builtinKinds(): KindDefinition[] {
  const kinds = new Map<string, BuiltinResource[]>()
  for (const resource of builtinResources()) {
    const key = `${resource.group}/${resource.kind}/${resource.plural}`
    kinds.set(key, [...(kinds.get(key) ?? []), resource])
  }
  return [...kinds.values()].map(definitionOf)
}

function definitionOf(versions: readonly BuiltinResource[]): KindDefinition {
  const { group, kind, plural, singular, shortNames, categories, namespaced, version } = versions[0]!
  const key = `${group}/${kind}`
  return {
    group,
    kind,
    listKind: `${kind}List`,
    plural,
    singular,
    shortNames,
    categories,
    namespaced,
    versions: versions.map(versionOf),
    // The preferred version comes first, and builtin kinds are kept in it.
    storageVersion: version,
    custom: false,
    strategy: { hasGeneration: false, ...builtinStrategy(group, kind), ...serverRules[key] },
    ...(sharedStorage[key] ? { keptAs: sharedStorage[key] } : {}),
  }
}

function versionOf(resource: BuiltinResource): KindVersion {
  const { group, version, kind, verbs, subresources } = resource
  const has = (name: string) => subresources.some(subresource => subresource.name === name)
  return {
    version,
    verbs,
    schema: builtinSchemas().schemaFor({ group, version, kind }),
    subresources: { status: has('status'), ...(has('scale') ? { scale } : {}) },
    columns: builtinColumns(group, kind),
    selectableFields: selectableFields(group, kind),
    virtual: verbs.length === 1 && verbs[0] === 'create',
    otherSubresources: subresources
      .filter(({ name }) => name !== 'status' && name !== 'scale')
      .map(({ name, kind: other, verbs: subVerbs }) => ({
        name,
        kind: other.kind,
        ...(other.group === group && other.version === version ? {} : { group: other.group, version: other.version }),
        verbs: subVerbs,
      })),
  }
}
