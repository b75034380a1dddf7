import type { FileChange } from '../git/index.ts'
import type { KubeObject } from '../kube/object.ts'
import { stringifyYaml, stringifyYamlStream } from '../kube/yaml/index.ts'
import { type AppsPlace, deploymentName, deploymentPaths } from './paths.ts'
import { appLabels, type ReleasePatch, releasePatch } from './release.ts'

/** What the files of one application in one environment are made from. */
export interface DeploymentInput extends ReleasePatch {
  readonly project: string
}

/** Every file of one application in one environment, its Kustomization in the fleet's folder among them. */
export function deploymentFiles(place: AppsPlace, input: DeploymentInput): FileChange[] {
  const paths = deploymentPaths(place, input.app, input.environment)
  const isLocal = input.kubeConfigSecret === undefined
  const files: FileChange[] = [
    { path: paths.kustomization, content: kustomization(input, isLocal) },
    { path: paths.release, content: stringifyYaml(releasePatch(place, input)) },
    syncFile(place, input),
  ]
  if (isLocal) {
    files.push({ path: paths.namespace, content: stringifyYaml(namespace(input)) })
    files.push({ path: paths.access, content: stringifyYamlStream(access(place, input)) })
  }
  return files
}

/** Only the release gets another name: what stands beside it is written with the names that it has. */
function kustomization(input: DeploymentInput, isLocal: boolean): string {
  const name = deploymentName(input.app, input.environment)
  return stringifyYaml({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [
      '../base',
      ...(isLocal ? ['namespace.yaml', 'access.yaml'] : []),
      ...(input.hasSecrets ? ['secrets.yaml'] : []),
    ],
    patches: [
      { path: 'release.yaml' },
      {
        target: { kind: 'HelmRelease', name: input.app },
        options: { allowNameChange: true },
        patch: `- op: replace\n  path: /metadata/name\n  value: ${name}\n`,
      },
    ],
  })
}

/** Never pruned: a namespace holds what others put there. */
function namespace(input: DeploymentInput): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: input.namespace, annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } },
  }
}

/** The account that the release acts as: what `admin` may do in its own namespace, and nothing elsewhere. */
function access(place: AppsPlace, input: DeploymentInput): KubeObject[] {
  const name = deploymentName(input.app, input.environment)
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: place.systemNamespace } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: `${name}-deploy`, namespace: input.namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
      subjects: [{ kind: 'ServiceAccount', name, namespace: place.systemNamespace }],
    },
  ]
}

type SyncInput = Pick<DeploymentInput, 'app' | 'environment' | 'project' | 'hasSecrets'>

/** The Kustomization that makes the cluster apply an application in an environment. */
export function syncFile(place: AppsPlace, input: SyncInput): FileChange {
  const { sync } = deploymentPaths(place, input.app, input.environment)
  return { path: sync, content: stringifyYaml(syncObject(place, input)) }
}

function syncObject(place: AppsPlace, input: SyncInput): KubeObject {
  const { folder } = deploymentPaths(place, input.app, input.environment)
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: {
      name: deploymentName(input.app, input.environment),
      namespace: place.systemNamespace,
      labels: {
        [appLabels.application]: input.app,
        [appLabels.environment]: input.environment,
        [appLabels.project]: input.project,
      },
    },
    spec: {
      interval: '10m0s',
      retryInterval: '1m0s',
      timeout: '10m0s',
      path: `./${folder}`,
      prune: true,
      wait: true,
      ...(input.hasSecrets ? { decryption: { provider: 'sops', secretRef: { name: 'sops-age' } } } : {}),
      sourceRef: { kind: 'GitRepository', name: place.sourceName },
    },
  }
}
