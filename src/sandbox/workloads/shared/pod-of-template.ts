import type { KubeObject, ObjectMeta } from '../../../kube/object.ts'
import { apiVersionOf, type KindName } from './kinds.ts'
import { controllerReference } from './owners.ts'
import type { Pod, PodTemplate } from './types.ts'

/** A pod made from a template for the object that controls it; the API server gives it a name when `name` is absent. */
export function podOfTemplate(ownerKind: KindName, owner: KubeObject, template: PodTemplate, name?: string): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  const metadata: ObjectMeta = {
    ...(name === undefined ? { generateName: `${owner.metadata.name}-` } : { name }),
    namespace: owner.metadata.namespace ?? '',
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
    ...(finalizers ? { finalizers } : {}),
    ownerReferences: [controllerReference(ownerKind, owner)],
  }
  return { apiVersion: apiVersionOf('Pod'), kind: 'Pod', metadata, spec: template.spec }
}
