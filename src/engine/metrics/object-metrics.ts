import { valueAt } from '../../base/json.ts'
import { conditionOf } from '../../kube/condition.ts'
import { gvkOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { Collector } from './registry.ts'

/** What there is to say about each object of Flux's kinds: conditions, suspension, and all in one line for dashboards. */
export function objectMetrics(list: () => Iterable<KubeObject>): Collector {
  return function* () {
    for (const object of list()) {
      const { group, version, kind } = gvkOf(object)
      const { name = '', namespace = '', deletionTimestamp } = object.metadata
      const labels = { kind, name, namespace }
      // Alerts and Providers have no status: there is nothing to be ready.
      const hasStatus = kind !== 'Alert' && kind !== 'Provider'
      const ready = hasStatus ? (conditionOf(object, 'Ready')?.status ?? 'Unknown') : ''
      const suspended = valueAt(object, ['spec', 'suspend']) === true
      const condition = (type: string, status: string, value: boolean) => ({
        name: 'gotk_reconcile_condition',
        labels: { ...labels, type, status },
        value: value ? 1 : 0,
      })
      for (const status of hasStatus ? ['True', 'False', 'Unknown', 'Deleted'] : []) {
        const now = deletionTimestamp === undefined ? ready : 'Deleted'
        yield condition('Ready', status, status === now)
      }
      yield { name: 'gotk_suspend_status', labels, value: suspended ? 1 : 0 }
      yield {
        name: 'gotk_resource_info',
        labels: {
          customresource_group: group,
          customresource_kind: kind,
          customresource_version: version,
          exported_namespace: namespace,
          name,
          ready,
          suspended: String(suspended),
          revision: revisionOf(object),
          source_name: text(object, ['spec', 'sourceRef', 'name']),
          url: kind === 'Receiver' ? '' : withoutLogin(text(object, ['spec', 'url'])),
          ...bucketLabels(object, kind),
          ...chartLabels(object, kind),
        },
        value: 1,
      }
    }
  }
}

function revisionOf(object: KubeObject): string {
  // Of a HelmRelease: the version of the chart that is released.
  const history = valueAt(object, ['status', 'history'])
  const released = Array.isArray(history) ? (history[0] as { chartVersion?: unknown } | undefined)?.chartVersion : ''
  return (
    text(object, ['status', 'lastAppliedRevision']) ||
    text(object, ['status', 'artifact', 'revision']) ||
    (typeof released === 'string' ? released : '')
  )
}

function bucketLabels(object: KubeObject, kind: string): Record<string, string> {
  if (kind !== 'Bucket') return {}
  return { endpoint: text(object, ['spec', 'endpoint']), bucket_name: text(object, ['spec', 'bucketName']) }
}

/** Of a HelmRelease: the chart that is released and where it comes from; of a HelmChart: what is asked for. */
function chartLabels(object: KubeObject, kind: string): Record<string, string> {
  if (kind === 'HelmChart') {
    return { chart_name: text(object, ['spec', 'chart']), chart_version: text(object, ['spec', 'version']) }
  }
  if (kind !== 'HelmRelease') return {}
  const history = valueAt(object, ['status', 'history'])
  const last = (Array.isArray(history) ? history[0] : undefined) as
    | { chartName?: unknown; appVersion?: unknown }
    | undefined
  return {
    chart_name: typeof last?.chartName === 'string' ? last.chartName : '',
    chart_app_version: typeof last?.appVersion === 'string' ? last.appVersion : '',
    chart_ref_name: text(object, ['spec', 'chartRef', 'name']),
    chart_source_name: text(object, ['spec', 'chart', 'spec', 'sourceRef', 'name']),
  }
}

function text(object: KubeObject, path: readonly string[]): string {
  const value = valueAt(object, path)
  return typeof value === 'string' ? value : ''
}

function withoutLogin(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@\s]*@/i, '$1')
}
