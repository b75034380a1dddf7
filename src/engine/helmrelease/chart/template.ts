import { isObject, jsonEqual } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { HelmRelease } from '../../../specs/flux/helm-release.ts'
import { sourceGroup } from '../../contract.ts'
import type { Attempt } from '../attempt.ts'
import { helmManager, originNameLabel, originNamespaceLabel } from '../contract.ts'

const chartKind = { group: sourceGroup, version: 'v1', kind: 'HelmChart' } as const

/** The HelmChart that `spec.chart` is a template of, in the namespace of its source. */
export function helmChartOf(object: HelmRelease): KubeObject | undefined {
  const { chart } = object.spec
  if (chart === undefined) return undefined
  const { namespace = '', name = '' } = object.metadata
  const { spec } = chart
  return {
    apiVersion: `${sourceGroup}/v1`,
    kind: 'HelmChart',
    metadata: {
      name: `${namespace}-${name}`,
      namespace: spec.sourceRef.namespace || namespace,
      labels: { ...chart.metadata?.labels, [originNameLabel]: name, [originNamespaceLabel]: namespace },
      ...(chart.metadata?.annotations ? { annotations: chart.metadata.annotations } : {}),
    },
    spec: {
      chart: spec.chart,
      version: spec.version || '*',
      sourceRef: { kind: spec.sourceRef.kind, name: spec.sourceRef.name },
      interval: spec.interval || object.spec.interval,
      reconcileStrategy: spec.reconcileStrategy || 'ChartVersion',
      ...(spec.valuesFiles?.length ? { valuesFiles: spec.valuesFiles } : {}),
      ...(spec.ignoreMissingValuesFiles ? { ignoreMissingValuesFiles: true } : {}),
      ...(spec.verify ? { verify: spec.verify } : {}),
    },
  }
}

/** Makes the HelmChart what the template says; one that is no longer wanted, or is elsewhere, is deleted. */
export async function ensureHelmChart(attempt: Attempt): Promise<void> {
  const { context, object, status, work } = attempt
  const { client } = context.engine
  const wanted = helmChartOf(object)
  const key = wanted && `${wanted.metadata.namespace}/${wanted.metadata.name}`
  if (status.helmChart && status.helmChart !== key) await deleteHelmChart(attempt)
  if (wanted === undefined || key === undefined) return
  const live = context.sources.find('HelmChart', wanted.metadata.namespace ?? '', wanted.metadata.name ?? '')
  if (live === undefined || !covers(live, wanted)) {
    await client.apply(wanted, { fieldManager: helmManager, force: true, signal: work.signal })
  }
  status.helmChart = key
}

/** Deletes the HelmChart that was made for the release. */
export async function deleteHelmChart({ context, object, status, work }: Attempt): Promise<void> {
  const [namespace, name] = status.helmChart?.split('/') ?? []
  if (!namespace || !name) return
  const ref = { ...chartKind, namespace, name }
  const live = await context.engine.client.find(ref, { signal: work.signal })
  const labels = live?.metadata.labels ?? {}
  const own =
    labels[originNameLabel] === object.metadata.name && labels[originNamespaceLabel] === object.metadata.namespace
  if (live !== undefined && own) await context.engine.client.delete(ref, { signal: work.signal })
  delete status.helmChart
}

/** Whether an object has everything that is wanted of it. */
function covers(live: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return jsonEqual(live, wanted)
  return isObject(live) && Object.entries(wanted).every(([key, value]) => covers(live[key], value))
}
