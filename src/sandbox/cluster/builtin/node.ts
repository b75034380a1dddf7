import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../../kube/field-errors.ts'
import { GoStruct } from '../../../kube/go-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { labelValue, qualifiedName } from '../../../kube/structural/names.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, items, text } from './fields.ts'

const systemInfo = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
]

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Rules of core/v1 Nodes. */
export const nodeStrategy: KindStrategy = {
  applyDefaults(object) {
    ensure(object, 'spec')
    const status = ensure(object, 'status')
    const endpoint = ensure(ensure(status, 'daemonEndpoints'), 'kubeletEndpoint')
    if (typeof endpoint['Port'] !== 'number') endpoint['Port'] = 0
    const info = ensure(status, 'nodeInfo')
    for (const field of systemInfo) if (typeof info[field] !== 'string') info[field] = ''
    for (const condition of items(status, 'conditions')) {
      for (const time of ['lastHeartbeatTime', 'lastTransitionTime']) condition[time] ??= null
    }
  },
  prepareCreate(object) {
    // The admission plugin TaintNodesByCondition: a new node is not ready until its kubelet has said so.
    const spec = ensure(object, 'spec')
    const taints = items(spec, 'taints')
    const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
    if (!taints.some(taint => taint['key'] === notReady.key && taint['effect'] === notReady.effect)) {
      spec['taints'] = [...taints, notReady]
    }
  },
  prepareUpdate(object, old) {
    object['status'] = old['status']
  },
  validateCreate: taintErrors,
  validateUpdate(object, old) {
    const errors = taintErrors(object)
    const [now, before] = [text(child(object, 'spec'), 'providerID'), text(child(old, 'spec'), 'providerID')]
    if (before !== '' && now !== before) {
      errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
    }
    return errors
  },
  hasGeneration: false,
}

/** The server reports taints under `metadata`, though they stand under `spec`. */
function taintErrors(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  items(child(object, 'spec'), 'taints').forEach((taint, i) => {
    const at = `metadata.taints[${i}]`
    const [key, value, effect] = [text(taint, 'key'), text(taint, 'value'), text(taint, 'effect')]
    for (const rule of qualifiedName(key)) errors.push(invalid(`${at}.key`, key, rule))
    const rules = labelValue(value)
    if (rules.length > 0) errors.push(invalid(`${at}.value`, value, rules.join(';')))
    if (effect === '') errors.push(required(`${at}.effect`))
    else if (!effects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, effects))
    const id = `${key}:${effect}`
    if (seen.has(id)) {
      const shown = new GoStruct({ Key: key, Value: value, Effect: effect, TimeAdded: taint['timeAdded'] ?? null })
      const detail = 'taints must be unique by key and effect pair'
      errors.push({ type: 'FieldValueDuplicate', field: at, value: shown, detail })
    }
    seen.add(id)
  })
  return errors
}
