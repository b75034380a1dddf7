import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'

const metricsKey = 'autoscaling.alpha.kubernetes.io/metrics'
const behaviorKey = 'autoscaling.alpha.kubernetes.io/behavior'

/**
 * A HorizontalPodAutoscaler in the other of its versions. Version 1 knows one CPU metric; the others, and the behaviour,
 * travel in annotations, as in Kubernetes' own conversion.
 */
export function convertAutoscaler(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object
  return apiVersion === 'autoscaling/v1' ? toFirst(object) : toSecond(object)
}

function toFirst(object: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = fields(object['spec'])
  const { currentMetrics, conditions: _, ...status } = fields(object['status'])
  const list = Array.isArray(metrics) ? metrics.filter(isObject) : []
  const cpu = list.find(isCpuUtilization)
  const others = list.filter(metric => metric !== cpu)
  const annotations: Record<string, string> = { ...object.metadata.annotations }
  if (others.length > 0) annotations[metricsKey] = JSON.stringify(others)
  if (behavior !== undefined) annotations[behaviorKey] = JSON.stringify(behavior)
  const utilization = cpu && fields(fields(cpu['resource'])['target'])['averageUtilization']
  const current = (Array.isArray(currentMetrics) ? currentMetrics.filter(isObject) : []).find(isCpuUtilization)
  const used = current && fields(fields(current['resource'])['current'])['averageUtilization']
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: utilization === undefined ? spec : { ...spec, targetCPUUtilizationPercentage: utilization },
    status: used === undefined ? status : { ...status, currentCPUUtilizationPercentage: used },
  }
}

function toSecond(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: percent, ...spec } = fields(object['spec'])
  const { currentCPUUtilizationPercentage: used, ...status } = fields(object['status'])
  const { [metricsKey]: metricsText, [behaviorKey]: behaviorText, ...annotations } = object.metadata.annotations ?? {}
  const others = parsed(metricsText)
  const metrics: unknown[] = Array.isArray(others) ? [...others] : []
  if (percent !== undefined) {
    metrics.unshift({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } },
    })
  }
  const behavior = parsed(behaviorText)
  const { annotations: _, ...metadata } = object.metadata
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}), ...(behavior === undefined ? {} : { behavior }) },
    status:
      used === undefined
        ? status
        : {
            ...status,
            currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: used } } }],
          },
  }
}

function isCpuUtilization(metric: Record<string, unknown>): boolean {
  const resource = fields(metric['resource'])
  if (metric['type'] !== 'Resource' || resource['name'] !== 'cpu') return false
  return fields(resource['target'] ?? resource['current'])['averageUtilization'] !== undefined
}

function fields(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
