import type { KubeClient } from '../../kube/client/types.ts'
import { refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseObjects } from '../../kube/yaml/index.ts'
import type { StoredRelease } from './storage/release.ts'

/** The objects of a stored release as they are in the cluster: with helm's own metadata, in the namespace they went to. */
export async function objectsOf(
  release: Pick<StoredRelease, 'name' | 'namespace' | 'manifest'>,
  client: KubeClient,
  signal: AbortSignal,
): Promise<KubeObject[]> {
  const objects: KubeObject[] = []
  for (const object of parseObjects(release.manifest)) {
    const { metadata } = object
    const resource = await client.resourceFor(refOf(object), { signal })
    const placed =
      resource?.namespaced && !metadata.namespace ? { ...metadata, namespace: release.namespace } : { ...metadata }
    objects.push({
      ...object,
      metadata: {
        ...placed,
        labels: { ...metadata.labels, 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: {
          ...metadata.annotations,
          'meta.helm.sh/release-name': release.name,
          'meta.helm.sh/release-namespace': release.namespace,
        },
      },
    })
  }
  return objects
}
