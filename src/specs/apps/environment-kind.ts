import { invalid } from '../../kube/field-errors.ts'
import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, integer, list, object, text } from '../schema.ts'
import { appsGroup } from './group.ts'

/** Environment `apps.sluice.dev/v1alpha1`: a place where applications run. Stands in Git only. */
export const environmentKind = defineKind({
  group: appsGroup,
  version: 'v1alpha1',
  kind: 'Environment',
  plural: 'environments',
  description: 'A place where applications run: a cluster, and how namespaces are named there.',
  spec: object(
    'What it is.',
    {
      title: text('Name for people; the name of the object when absent.', { maxLength: 200 }),
      order: integer('Where it stands on the way to production: promotion goes from lower to higher numbers.', {
        minimum: 0,
        maximum: 1000,
        default: 0,
      }),
      namespace: text('Namespace of an application here; `{app}` and `{environment}` are filled in.', {
        default: '{app}-{environment}',
        maxLength: 120,
      }),
      cluster: object('Another cluster than the one that follows the repository.', {
        name: text('Name for people.', { maxLength: 200 }),
        kubeConfigSecret: text('Secret with its kubeconfig, in the system namespace.', { maxLength: 253 }),
      }),
      projects: list('Projects that may deploy here; all when absent.', text('Name of a project.', { maxLength: 63 }), {
        maxItems: 200,
      }),
      pullRequest: flag('Whether changes come by pull or merge requests only.', { default: false }),
    },
    [],
  ),
  rules: [
    {
      name: 'namespace-of-known-parts',
      says: 'The namespace is made of lower case letters, digits, `-`, `{app}` and `{environment}`.',
      *check({ spec }) {
        const rest = (spec.namespace ?? '').replaceAll('{app}', 'a').replaceAll('{environment}', 'e')
        if (spec.namespace !== undefined && !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(rest))
          yield invalid(
            'spec.namespace',
            spec.namespace,
            'expected lower case letters, digits, -, {app}, {environment}',
          )
      },
    },
    {
      name: 'cluster-has-kubeconfig',
      says: 'Another cluster is reached by a Secret with its kubeconfig.',
      *check({ spec }) {
        if (spec.cluster !== undefined && !spec.cluster.kubeConfigSecret)
          yield invalid('spec.cluster.kubeConfigSecret', undefined, 'name the Secret with the kubeconfig')
      },
    },
  ],
})

export type EnvironmentObject = ObjectOf<typeof environmentKind>
