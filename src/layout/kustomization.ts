import { stringifyYaml } from '../kube/yaml/index.ts'

/** A `kustomization.yaml` that lists files of its own folder and does nothing else. */
export function kustomizationFile(resources: readonly string[]): string {
  return stringifyYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources })
}
