import { crdStrategy } from '../crds/crd-kind.ts'
import type { KindDefinition, KindStrategy } from './types.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

function kind(
  group: string,
  version: string,
  name: string,
  plural: string,
  namespaced: boolean,
  shortNames: string[] = [],
  status = false,
  strategy: KindStrategy = {},
): KindDefinition {
  return {
    group,
    kind: name,
    listKind: `${name}List`,
    plural,
    singular: name.toLowerCase(),
    shortNames,
    categories: [],
    namespaced,
    storageVersion: version,
    custom: false,
    strategy,
    versions: [{ version, verbs, schema: undefined, subresources: { status } }],
  }
}

/** Temporary: the kinds until src/kube/schema has landed. */
export const builtinKinds: readonly KindDefinition[] = [
  kind('', 'v1', 'Namespace', 'namespaces', false, ['ns'], true, {
    hasGeneration: false,
    prepareCreate: o => {
      o['spec'] = { finalizers: ['kubernetes'] }
      o['status'] = { phase: 'Active' }
      o.metadata.labels = { ...o.metadata.labels, 'kubernetes.io/metadata.name': o.metadata.name ?? '' }
    },
  }),
  kind('', 'v1', 'ConfigMap', 'configmaps', true, ['cm']),
  kind('', 'v1', 'Secret', 'secrets', true),
  kind('', 'v1', 'ServiceAccount', 'serviceaccounts', true, ['sa']),
  kind('', 'v1', 'Service', 'services', true, ['svc'], true),
  kind('', 'v1', 'Pod', 'pods', true, ['po'], true),
  kind('', 'v1', 'Node', 'nodes', false, ['no'], true),
  kind('', 'v1', 'Event', 'events', true, ['ev']),
  kind('apps', 'v1', 'Deployment', 'deployments', true, ['deploy'], true, { hasGeneration: true }),
  kind(
    'apiextensions.k8s.io',
    'v1',
    'CustomResourceDefinition',
    'customresourcedefinitions',
    false,
    ['crd', 'crds'],
    true,
    crdStrategy,
  ),
  kind('coordination.k8s.io', 'v1', 'Lease', 'leases', true, [], false, {
    allowCreateOnUpdate: true,
    allowUnconditionalUpdate: false,
  }),
]
