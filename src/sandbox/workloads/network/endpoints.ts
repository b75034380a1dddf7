import type { KubeObject } from '../../../kube/object.ts'
import type { Service } from '../shared/types.ts'
import type { SliceContent } from './slices.ts'
import { isHeadless } from './slices.ts'

/** The Endpoints object of a service, the older form of its slices; `kubectl get endpoints` shows it. */
export function endpointsOf(service: Service, slices: readonly SliceContent[]): KubeObject {
  const { name = '', namespace = '', labels } = service.metadata
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels: {
        ...labels,
        'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
        ...(isHeadless(service) ? { 'service.kubernetes.io/headless': '' } : {}),
      },
    },
    ...subsetsOf(slices),
  }
}

function subsetsOf(slices: readonly SliceContent[]): { subsets?: unknown[] } {
  const subsets = slices
    .filter(slice => slice.endpoints.length > 0)
    .map(({ ports, endpoints }) => {
      const ready: unknown[] = []
      const notReady: unknown[] = []
      for (const { addresses, conditions, ...rest } of endpoints) {
        const { ready: isReady, terminating } = conditions as { ready: boolean; terminating: boolean }
        const address = { ip: (addresses as string[])[0], ...rest }
        if (isReady) ready.push(address)
        else if (!terminating) notReady.push(address)
      }
      return {
        ...(ready.length > 0 ? { addresses: ready } : {}),
        ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
        ...(ports.length > 0 ? { ports } : {}),
      }
    })
    .filter(subset => subset.addresses || subset.notReadyAddresses)
  return subsets.length > 0 ? { subsets } : {}
}
