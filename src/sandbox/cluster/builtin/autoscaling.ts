import type { FieldError } from '../../../kube/field-error.ts'
import { invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, number, setDefault, text } from './fields.ts'

/** Rules of autoscaling/v2 HorizontalPodAutoscalers; v1 is converted to and from it. */
export const autoscalerStrategy: KindStrategy = {
  applyDefaults(object, version) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'minReplicas', 1)
    if (version === 'v1') return
    if (items(spec, 'metrics').length === 0) spec['metrics'] = [cpuMetric(80)]
    const behavior = child(spec, 'behavior')
    if (behavior !== undefined) defaultBehavior(behavior)
  },
  prepareCreate(object) {
    object['status'] = emptyStatus()
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? emptyStatus()
  },
  convert: (object, version) => (version === 'v1' ? toV1(object) : toV2(object)),
  validateCreate: specErrors,
  validateUpdate: specErrors,
  hasGeneration: false,
}

function emptyStatus(): Fields {
  return { desiredReplicas: 0, currentMetrics: null }
}

function cpuMetric(utilization: unknown): Fields {
  return {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: utilization } },
  }
}

function defaultBehavior(behavior: Fields): void {
  const up = ensure(behavior, 'scaleUp')
  if (number(up, 'stabilizationWindowSeconds') === undefined) up['stabilizationWindowSeconds'] = 0
  setDefault(up, 'selectPolicy', 'Max')
  if (items(up, 'policies').length === 0) {
    up['policies'] = [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ]
  }
  const down = ensure(behavior, 'scaleDown')
  setDefault(down, 'selectPolicy', 'Max')
  if (items(down, 'policies').length === 0) down['policies'] = [{ type: 'Percent', value: 100, periodSeconds: 15 }]
}

function toV1(object: KubeObject): KubeObject {
  const spec = { ...child(object, 'spec') }
  const cpu = items(spec, 'metrics').find(metric => text(child(metric, 'resource'), 'name') === 'cpu')
  const utilization = number(child(child(cpu ?? {}, 'resource') ?? {}, 'target'), 'averageUtilization')
  delete spec['metrics']
  delete spec['behavior']
  if (utilization !== undefined) spec['targetCPUUtilizationPercentage'] = utilization
  const status: Fields = { currentReplicas: 0, ...child(object, 'status') }
  delete status['currentMetrics']
  delete status['conditions']
  return { ...object, spec, status }
}

function toV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: utilization, ...spec } = { ...child(object, 'spec') }
  spec['metrics'] = [cpuMetric(utilization ?? 80)]
  const { currentCPUUtilizationPercentage: _, ...status } = { ...child(object, 'status') }
  return { ...object, spec, status: { ...emptyStatus(), ...status } }
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors: FieldError[] = []
  const [least, most] = [number(spec, 'minReplicas') ?? 1, number(spec, 'maxReplicas') ?? 0]
  if (least < 1) errors.push(invalid('spec.minReplicas', least, 'must be greater than or equal to 1'))
  if (most < 1) errors.push(invalid('spec.maxReplicas', most, 'must be greater than 0'))
  if (most < least) errors.push(invalid('spec.maxReplicas', most, 'must be greater than or equal to `minReplicas`'))
  const target = child(spec, 'scaleTargetRef')
  if (text(target, 'kind') === '') errors.push(required('spec.scaleTargetRef.kind'))
  if (text(target, 'name') === '') errors.push(required('spec.scaleTargetRef.name'))
  const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
  items(spec, 'metrics').forEach((metric, i) => {
    const type = text(metric, 'type')
    if (type === '') errors.push(required(`spec.metrics[${i}].type`, 'must specify a metric source type'))
    else if (!types.includes(type)) errors.push(notSupported(`spec.metrics[${i}].type`, type, types))
  })
  return errors
}
