import type { FieldError } from '../../../kube/field-error.ts'
import { invalid, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, type Fields, text } from './fields.ts'

/** The two names that each part of an event has: in the core group, and in events.k8s.io. */
const renamed: readonly [string, string][] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]

/** Rules of events, which are one kind in two groups; the core form is kept. */
export const eventStrategy: KindStrategy = {
  applyDefaults(object) {
    const core = !object.apiVersion.startsWith('events.k8s.io/')
    object['eventTime'] ??= null
    const [source, first, last] = core
      ? ['source', 'firstTimestamp', 'lastTimestamp']
      : ['deprecatedSource', 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp']
    object[source!] ??= {}
    object[first!] ??= null
    object[last!] ??= null
    if (!core) return
    object['reportingComponent'] ??= ''
    object['reportingInstance'] ??= ''
    object['involvedObject'] ??= {}
  },
  convert(object, version) {
    return object.apiVersion.startsWith('events.k8s.io/') ? toCore(object) : toEvents(object, version)
  },
  validateCreate: eventErrors,
  validateUpdate: eventErrors,
  allowCreateOnUpdate: true,
  hasGeneration: false,
}

/** Events written through events.k8s.io obey stricter rules. */
export const newEventStrategy: KindStrategy = {
  ...eventStrategy,
  validateCreate: object => {
    const core = object.apiVersion.startsWith('events.k8s.io/') ? toCore(object) : object
    const errors = newEventErrors(core)
    return errors.length > 0 ? errors : eventErrors(core)
  },
}

/** An event of events.k8s.io in the form of the core group. */
export function toCore(object: KubeObject): KubeObject {
  const out: KubeObject = { ...object, apiVersion: 'v1' }
  for (const [core, events] of renamed) {
    if (Object.hasOwn(out, events)) out[core] = out[events]
    delete out[events]
  }
  out['source'] ??= {}
  out['reportingComponent'] ??= ''
  out['reportingInstance'] ??= ''
  return out
}

/** An event of the core group in the form of events.k8s.io; empty texts are left out there. */
export function toEvents(object: KubeObject, version = 'v1'): KubeObject {
  const out: KubeObject = { ...object, apiVersion: `events.k8s.io/${version}` }
  for (const [core, events] of renamed) {
    if (Object.hasOwn(out, core) && out[core] !== '') out[events] = out[core]
    delete out[core]
  }
  if (out['reportingInstance'] === '') delete out['reportingInstance']
  return out
}

function eventErrors(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const involved: Fields = child(object, 'involvedObject') ?? child(object, 'regarding') ?? {}
  const namespace = text(involved, 'namespace')
  const clusterScoped = namespace === '' && object.metadata.namespace === 'default'
  if (!clusterScoped && namespace !== (object.metadata.namespace ?? '')) {
    errors.push(invalid('involvedObject.namespace', namespace, 'does not match event.namespace'))
  }
  return errors
}

function newEventErrors(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  if (object['eventTime'] === null || object['eventTime'] === undefined) return [required('eventTime')]
  if (text(object, 'reportingComponent') === '') errors.push(required('reportingController'))
  if (text(object, 'reportingInstance') === '') errors.push(required('reportingInstance'))
  if (text(object, 'action') === '') errors.push(required('action'))
  if (text(object, 'reason') === '') errors.push(required('reason'))
  const type = text(object, 'type')
  if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`))
  if (Buffer.byteLength(text(object, 'message')) > 1024) {
    errors.push(invalid('message', '', 'can have at most 1024 characters'))
  }
  return errors
}
