import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { immutable, invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, number, setDefault, text } from './fields.ts'
import { nonNegative } from './numbers.ts'
import { defaultTemplate } from './pod-defaults.ts'
import { podSpecErrors } from './pod-validation.ts'
import { selectorErrors, selects } from './selector.ts'
import { templateMetadataErrors } from './template.ts'

/** Rules of batch/v1 Jobs. */
export const jobStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    if (isAbsent(spec['completions']) && isAbsent(spec['parallelism'])) spec['completions'] = 1
    if (isAbsent(spec['parallelism'])) spec['parallelism'] = 1
    if (isAbsent(spec['backoffLimit'])) spec['backoffLimit'] = isAbsent(spec['backoffLimitPerIndex']) ? 6 : 2147483647
    setDefault(spec, 'completionMode', 'NonIndexed')
    if (isAbsent(spec['suspend'])) spec['suspend'] = false
    setDefault(spec, 'podReplacementPolicy', spec['podFailurePolicy'] ? 'Failed' : 'TerminatingOrFailed')
    if (isAbsent(spec['manualSelector'])) delete spec['manualSelector']
    defaultTemplate(spec)
  },
  prepareCreate(object) {
    object['status'] = {}
    generateSelector(object)
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? {}
  },
  validateCreate: object => jobSpecErrors(child(object, 'spec') ?? {}, 'spec', true),
  validateUpdate(object, old) {
    const [now, before] = [child(object, 'spec') ?? {}, child(old, 'spec') ?? {}]
    const errors = jobSpecErrors(now, 'spec', true)
    const changed = (field: string): boolean => !jsonEqual(now[field], before[field])
    const indexed = now['completionMode'] === 'Indexed'
    if (changed('completions') && !(indexed && now['completions'] === now['parallelism'])) {
      errors.push(invalid('spec.completions', now['completions'] ?? null, immutable))
    }
    for (const field of [
      'selector',
      'template',
      'completionMode',
      'podFailurePolicy',
      'backoffLimitPerIndex',
      'managedBy',
      'successPolicy',
    ]) {
      const allowed = field === 'template' && schedulingOnly(now, before, old)
      if (changed(field) && !allowed) errors.push(invalid(`spec.${field}`, now[field] ?? null, immutable))
    }
    return errors
  },
  validateStatusUpdate: object =>
    nonNegative(child(object, 'status'), ['active', 'succeeded', 'failed', 'ready'], 'status'),
  hasGeneration: true,
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null
}

/** A job selects its pods by its own identity, unless the user has taken that over. */
function generateSelector(object: KubeObject): void {
  const spec = ensure(object, 'spec')
  if (spec['manualSelector'] === true) return
  const { uid = '', name = '' } = object.metadata
  const metadata = ensure(ensure(spec, 'template'), 'metadata')
  metadata['labels'] = {
    ...child(metadata, 'labels'),
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  }
  const selector = ensure(spec, 'selector')
  selector['matchLabels'] = { ...child(selector, 'matchLabels'), 'batch.kubernetes.io/controller-uid': uid }
}

/** A suspended job that has never started may change where its pods run. */
function schedulingOnly(now: Fields, before: Fields, old: KubeObject): boolean {
  if (before['suspend'] !== true || child(old, 'status')?.['startTime'] !== undefined) return false
  const stripped = (spec: Fields): unknown => {
    const template = structuredClone(child(spec, 'template') ?? {})
    const podSpec = child(template, 'spec') ?? {}
    for (const field of ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']) delete podSpec[field]
    const metadata = child(template, 'metadata')
    if (metadata !== undefined) for (const field of ['labels', 'annotations']) delete metadata[field]
    return template
  }
  return jsonEqual(stripped(now), stripped(before))
}

/** The rules of a job's spec; a cron job's template has no selector yet. */
export function jobSpecErrors(spec: Fields, path: string, hasSelector: boolean): FieldError[] {
  const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished']
  const errors = nonNegative(spec, counts, path)
  const template = child(spec, 'template')
  const selector = child(spec, 'selector')
  if (hasSelector) {
    if (selector === undefined) errors.push(required(`${path}.selector`))
    else {
      errors.push(...selectorErrors(selector, `${path}.selector`))
      const labels = child(child(template ?? {}, 'metadata') ?? {}, 'labels')
      if (!selects(selector, labels)) {
        const rule = '`selector` does not match template `labels`'
        errors.push(invalid(`${path}.template.metadata.labels`, labels ?? null, rule))
      }
    }
  }
  const mode = text(spec, 'completionMode')
  if (mode !== '' && mode !== 'NonIndexed' && mode !== 'Indexed') {
    errors.push(notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed']))
  }
  if (mode === 'Indexed' && number(spec, 'completions') === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
  }
  errors.push(...templateMetadataErrors(template, `${path}.template`))
  const podSpec = child(template ?? {}, 'spec')
  const policy = text(podSpec, 'restartPolicy')
  errors.push(...podSpecErrors(podSpec, `${path}.template.spec`))
  if (policy === '' || policy === 'Always') {
    errors.push(required(`${path}.template.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'))
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.push(notSupported(`${path}.template.spec.restartPolicy`, policy, ['OnFailure', 'Never']))
  }
  return errors
}
