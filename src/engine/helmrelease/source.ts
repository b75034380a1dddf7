import { conditionOf } from '../../kube/condition.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { StepFailure } from '../failure.ts'
import type { SourceKindName, SourceObject } from '../source/sources.ts'
import type { Chart } from './chart/chart.ts'
import type { HelmReleaseContext } from './context.ts'

/** Where the chart of a release is: the HelmChart of its template, or what `spec.chartRef` names. */
export interface ChartSource {
  readonly kind: SourceKindName
  readonly namespace: string
  readonly name: string
}

export function chartSourceOf(object: HelmRelease): ChartSource {
  const { chart, chartRef } = object.spec
  const { namespace = '', name = '' } = object.metadata
  if (chartRef !== undefined) {
    return { kind: chartRef.kind, namespace: chartRef.namespace || namespace, name: chartRef.name }
  }
  return { kind: 'HelmChart', namespace: chart?.spec.sourceRef.namespace || namespace, name: `${namespace}-${name}` }
}

export function chartSourceKey({ kind, namespace, name }: ChartSource): string {
  return `${kind}/${namespace}/${name}`
}

/** Flux's --requeue-dependency: how long it waits for what may come without being told. */
export const requeueMs = 30_000

/** Opens the chart of a release. Fails with `ArtifactFailed`, `SourceNotReady` or `ChartMutateError`, in Flux's words. */
export async function openChartOf(context: HelmReleaseContext, object: HelmRelease): Promise<Chart> {
  const ref = chartSourceOf(object)
  const source = context.sources.find(ref.kind, ref.namespace, ref.name)
  if (source === undefined) {
    const plural = ref.kind === 'OCIRepository' ? 'ocirepositories' : `${ref.kind.toLowerCase()}s`
    throw new StepFailure(
      'ArtifactFailed',
      `could not get Source object: ${plural}.source.toolkit.fluxcd.io "${ref.name}" not found`,
      { retryMs: requeueMs },
    )
  }
  const problem = notReady(source, ref)
  if (problem !== undefined) throw new StepFailure('SourceNotReady', problem, { retryMs: requeueMs })
  const file = await context.sources.file(source)
  if (file === undefined) {
    context.sources.refetch(source)
    throw new StepFailure('ArtifactFailed', 'Source not ready: artifact not found. Retrying in 30s', {
      retryMs: requeueMs,
    })
  }
  return context.charts.open(file, ref.kind === 'OCIRepository' ? file.revision : undefined)
}

function notReady(source: SourceObject, { kind, namespace, name }: ChartSource): string | undefined {
  const id = `${kind} '${namespace}/${name}' is not ready`
  const artifact = source.status?.artifact
  const ready = conditionOf(source, 'Ready')
  // An ExternalArtifact need not tell of generations and conditions.
  if (kind === 'ExternalArtifact' && artifact !== undefined) return undefined
  if (source.status?.observedGeneration !== source.metadata.generation) {
    return `${id}: latest generation of object has not been reconciled`
  }
  if (ready?.status !== 'True') return ready?.message ? `${id}: ${ready.message}` : id
  return artifact === undefined ? `${id}: does not have an artifact` : undefined
}
