import type { FieldError } from '../../../kube/field-error.ts'
import { forbidden, invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, number, setDefault, text } from './fields.ts'

/** Rules of core/v1 ServiceAccounts. */
export const serviceAccountStrategy: KindStrategy = { returnsDeleted: true, hasGeneration: false }

/** Rules of core/v1 Endpoints. */
export const endpointsStrategy: KindStrategy = {
  applyDefaults(object) {
    for (const subset of items(object, 'subsets')) {
      for (const port of items(subset, 'ports')) setDefault(port, 'protocol', 'TCP')
    }
  },
  allowCreateOnUpdate: true,
  hasGeneration: false,
}

/** Rules of discovery.k8s.io/v1 EndpointSlices. */
export const endpointSliceStrategy: KindStrategy = {
  applyDefaults(object) {
    for (const port of items(object, 'ports')) {
      port['name'] ??= ''
      setDefault(port, 'protocol', 'TCP')
    }
    for (const endpoint of items(object, 'endpoints')) ensure(endpoint, 'conditions')
    object['endpoints'] ??= null
    object['ports'] ??= null
  },
  validateCreate(object) {
    const type = text(object, 'addressType')
    if (type === '') return [required('addressType')]
    return ['IPv4', 'IPv6', 'FQDN'].includes(type) ? [] : [notSupported('addressType', type, ['FQDN', 'IPv4', 'IPv6'])]
  },
  validateUpdate(object, old) {
    return object['addressType'] === old['addressType']
      ? []
      : [invalid('addressType', object['addressType'] ?? null, 'field is immutable')]
  },
  hasGeneration: true,
  generationFields: ['addressType', 'endpoints', 'ports'],
}

/** Rules of scheduling.k8s.io/v1 PriorityClasses. */
export const priorityClassStrategy: KindStrategy = {
  applyDefaults(object) {
    setDefault(object, 'preemptionPolicy', 'PreemptLowerPriority')
    if (typeof object['value'] !== 'number') object['value'] = 0
  },
  validateCreate(object) {
    const value = number(object, 'value') ?? 0
    const system = (object.metadata.name ?? '').startsWith('system-')
    const errors: FieldError[] = []
    if (system)
      errors.push(
        forbidden(
          'metadata.name',
          "priority class names with 'system-' prefix are reserved for system use only. error: " +
            `${object.metadata.name} is not a known system priority class`,
        ),
      )
    else if (value > 1000000000) {
      errors.push(forbidden('value', 'maximum allowed value of a user defined priority is 1000000000'))
    }
    return errors
  },
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    if (object['value'] !== old['value']) errors.push(forbidden('value', 'may not be changed in an update.'))
    if (object['preemptionPolicy'] !== old['preemptionPolicy']) {
      errors.push(invalid('preemptionPolicy', object['preemptionPolicy'] ?? null, 'field is immutable'))
    }
    return errors
  },
  hasGeneration: true,
}

/** Rules of core/v1 ResourceQuotas. */
export const resourceQuotaStrategy: KindStrategy = {
  prepareCreate(object) {
    object['status'] = {}
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? {}
  },
  returnsDeleted: true,
  hasGeneration: false,
}

/** Rules of core/v1 LimitRanges. */
export const limitRangeStrategy: KindStrategy = {
  applyDefaults(object) {
    for (const limit of items(child(object, 'spec'), 'limits')) {
      if (limit['type'] !== 'Container') continue
      // What a container may have at most is also what it gets; what it gets is also what it asks for.
      fill(limit, 'default', child(limit, 'max'))
      fill(limit, 'defaultRequest', child(limit, 'default'))
      fill(limit, 'defaultRequest', child(limit, 'min'))
    }
  },
  allowCreateOnUpdate: true,
  hasGeneration: false,
}

function fill(limit: Fields, field: string, from: Fields | undefined): void {
  if (from !== undefined && Object.keys(from).length > 0) limit[field] = { ...from, ...child(limit, field) }
}

/** Rules of validating and mutating webhook configurations. */
export const webhookStrategies = { validating: webhooks(false), mutating: webhooks(true) } as const

function webhooks(mutating: boolean): KindStrategy {
  return {
    applyDefaults(object) {
      for (const hook of items(object, 'webhooks')) {
        setDefault(hook, 'failurePolicy', 'Fail')
        setDefault(hook, 'matchPolicy', 'Equivalent')
        ensure(hook, 'namespaceSelector')
        ensure(hook, 'objectSelector')
        setDefault(hook, 'timeoutSeconds', 10)
        if (mutating) setDefault(hook, 'reinvocationPolicy', 'Never')
        for (const rule of items(hook, 'rules')) setDefault(rule, 'scope', '*')
        const service = child(child(hook, 'clientConfig') ?? {}, 'service')
        if (service !== undefined) setDefault(service, 'port', 443)
      }
    },
    hasGeneration: true,
    generationFields: ['webhooks'],
  }
}
