import { isObject } from '../base/json.ts'
import type { KubeObject } from '../kube/object.ts'
import { type AppsPlace, chartsFolder, deploymentName } from './paths.ts'
import type { ChartChoice, Values } from './types.ts'

export const releaseApiVersion = 'helm.toolkit.fluxcd.io/v2'

/** Labels by which the console finds what belongs to an application. */
export const appLabels = {
  application: 'apps.sluice.dev/application',
  environment: 'apps.sluice.dev/environment',
  project: 'apps.sluice.dev/project',
} as const

/** `base/release.yaml`: the release as every environment starts from it. */
export function baseRelease(
  place: AppsPlace,
  input: { readonly app: string; readonly project: string; readonly chart: ChartChoice; readonly values: Values },
): KubeObject {
  return {
    apiVersion: releaseApiVersion,
    kind: 'HelmRelease',
    metadata: {
      name: input.app,
      namespace: place.systemNamespace,
      labels: { [appLabels.application]: input.app, [appLabels.project]: input.project },
    },
    spec: {
      interval: '10m0s',
      releaseName: input.app,
      chart: { spec: chartSpec(place, input.chart) },
      install: { remediation: { retries: 3 } },
      upgrade: { remediation: { retries: 3, remediateLastFailure: true } },
      driftDetection: { mode: 'warn' },
      values: input.values,
    },
  }
}

/** How a chart is named in a HelmRelease. */
export function chartSpec(place: AppsPlace, chart: ChartChoice): Record<string, unknown> {
  if (chart.kind === 'Template') {
    return {
      chart: `./${templatePath(chart.name, chart.version)}`,
      sourceRef: { kind: 'GitRepository', name: place.sourceName },
    }
  }
  return {
    chart: chart.name,
    version: chart.version,
    sourceRef: { kind: 'HelmRepository', name: chart.repository },
  }
}

/** Folder of a reference chart in the repository. */
export function templatePath(name: string, version: string): string {
  return `${chartsFolder}/${name}-${version}`
}

/** The other way of {@link chartSpec}; undefined for what Sluice did not write. */
export function readChart(release: unknown): ChartChoice | undefined {
  const spec = at(release, 'spec', 'chart', 'spec')
  const kind = at(spec, 'sourceRef', 'kind')
  const source = at(spec, 'sourceRef', 'name')
  const [name, version] = [at(spec, 'chart'), at(spec, 'version')]
  if (typeof name !== 'string') return undefined
  if (kind === 'GitRepository') {
    const found = /^(?:\.\/)?charts\/([a-z0-9-]+?)-(\d+\.\d+\.\d+\S*)$/.exec(name)
    return found ? { kind: 'Template', name: found[1]!, version: found[2]! } : undefined
  }
  if (kind !== 'HelmRepository' || typeof source !== 'string' || typeof version !== 'string') return undefined
  return { kind: 'Chart', repository: source, name, version }
}

/** What an environment changes of the release. */
export interface ReleasePatch {
  readonly app: string
  readonly environment: string
  readonly namespace: string
  /** Secret with the kubeconfig of another cluster; undefined for the one that follows the repository. */
  readonly kubeConfigSecret: string | undefined
  readonly chart: ChartChoice | undefined
  readonly override: Values
  /** Whether sealed values stand beside it. */
  readonly hasSecrets: boolean
  readonly suspended: boolean
}

/** `<environment>/release.yaml`: a merge patch of the base's release. */
export function releasePatch(place: AppsPlace, patch: ReleasePatch): KubeObject {
  const name = deploymentName(patch.app, patch.environment)
  const remote = patch.kubeConfigSecret
  return {
    apiVersion: releaseApiVersion,
    kind: 'HelmRelease',
    metadata: {
      name: patch.app,
      namespace: place.systemNamespace,
      labels: { [appLabels.environment]: patch.environment },
    },
    spec: {
      targetNamespace: patch.namespace,
      storageNamespace: patch.namespace,
      // Its own account on the cluster itself; on another one, whoever the kubeconfig says.
      ...(remote === undefined
        ? { serviceAccountName: name }
        : { kubeConfig: { secretRef: { name: remote } }, install: { createNamespace: true } }),
      ...(patch.suspended ? { suspend: true } : {}),
      ...(patch.chart === undefined ? {} : { chart: { spec: chartSpec(place, patch.chart) } }),
      ...(patch.hasSecrets ? { valuesFrom: [{ kind: 'Secret', name: `${name}-values` }] } : {}),
      values: patch.override,
    },
  }
}

/** The value at a path; undefined where there is none. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value
  for (const key of path) here = isObject(here) ? here[key] : undefined
  return here
}
