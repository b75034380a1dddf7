import type { KubeObject } from '../../../kube/object.ts'
import { controllerReference } from '../shared/owners.ts'
import { podOfTemplate } from '../shared/pod-of-template.ts'
import { revisionHashLabel } from '../shared/revisions.ts'
import type { Pod, PodTemplate, StatefulSet } from '../shared/types.ts'

/** The number at the end of a pod's name; undefined when the name is not one of this set. */
export function ordinalOf(set: StatefulSet, pod: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`
  const { name = '' } = pod.metadata
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
  return /^\d+$/.test(rest) ? Number(rest) : undefined
}

/** The name of the pod of an ordinal. */
export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name}-${ordinal}`
}

/** The revision that a pod was made from. */
export function revisionOfPod(pod: Pod): string {
  return pod.metadata.labels?.[revisionHashLabel] ?? ''
}

/** The pod of an ordinal, with the name, host name and claims that it keeps for life. */
export function podOf(set: StatefulSet, template: PodTemplate, ordinal: number, revision: string): Pod {
  const name = podName(set, ordinal)
  const pod = podOfTemplate('StatefulSet', set, template, name)
  const volumes = (set.spec.volumeClaimTemplates ?? []).map(claim => ({
    name: claim.metadata.name ?? '',
    persistentVolumeClaim: { claimName: `${claim.metadata.name}-${name}` },
  }))
  const taken = new Set(volumes.map(volume => volume.name))
  const others = (template.spec.volumes ?? []).filter(volume => !taken.has(volume.name))
  const labels = {
    ...pod.metadata.labels,
    'statefulset.kubernetes.io/pod-name': name,
    'apps.kubernetes.io/pod-index': String(ordinal),
    [revisionHashLabel]: revision,
  }
  return {
    ...pod,
    metadata: { ...pod.metadata, labels },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length + others.length > 0 ? { volumes: [...others, ...volumes] } : {}),
    },
  }
}

/** The claims of an ordinal. They outlive the pod, and the set unless it says otherwise. */
export function claimsOf(set: StatefulSet, ordinal: number): KubeObject[] {
  const { whenDeleted } = set.spec.persistentVolumeClaimRetentionPolicy ?? {}
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name: `${metadata.name}-${podName(set, ordinal)}`,
      namespace: set.metadata.namespace ?? '',
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
      ...(metadata.annotations ? { annotations: metadata.annotations } : {}),
      ...(whenDeleted === 'Delete' ? { ownerReferences: [controllerReference('StatefulSet', set)] } : {}),
    },
    spec,
  }))
}
