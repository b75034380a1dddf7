import { parseApiVersion } from '../../kube/identity.ts'

/** Names of Flux's controllers by API group: who an event or a status of that group is from. */
const controllers: Readonly<Record<string, string>> = {
  'source.toolkit.fluxcd.io': 'source-controller',
  'kustomize.toolkit.fluxcd.io': 'kustomize-controller',
  'helm.toolkit.fluxcd.io': 'helm-controller',
  'notification.toolkit.fluxcd.io': 'notification-controller',
  'image.toolkit.fluxcd.io': 'image-reflector-controller',
}

/** The controller of Flux that works on objects of an API version. */
export function controllerOf(apiVersion: string): string {
  return controllers[parseApiVersion(apiVersion).group] ?? 'sluice-engine'
}
