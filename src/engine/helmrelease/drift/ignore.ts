import { isObject } from '../../../base/json.ts'
import { gvkOf } from '../../../kube/identity.ts'
import { parsePointer } from '../../../kube/merge/json-pointer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { goRegExp } from '../../../kustomize/go-regexp.ts'
import { parseLabelSelector } from '../../../kustomize/label-selector.ts'
import type { HelmRelease } from '../../../specs/flux/helm-release.ts'
import { messageOf } from '../../failure.ts'
import { terminal } from '../attempt.ts'

type Rule = NonNullable<NonNullable<HelmRelease['spec']['driftDetection']>['ignore']>[number]

/** Which fields of an object are not looked at: pointers, each as its steps; a pointer of no steps is the whole object. */
export type IgnoredFields = (object: KubeObject) => readonly (readonly string[])[]

/** Reads `spec.driftDetection.ignore`; a rule that cannot be read stalls the release. */
export function ignoredFields(rules: readonly Rule[] | undefined): IgnoredFields {
  const read = (rules ?? []).map((rule, index) => {
    try {
      const paths = rule.paths.map(path => {
        const steps = parsePointer(path)
        if (steps === undefined) throw new Error(`${JSON.stringify(path)} is no JSON pointer`)
        return steps
      })
      return { paths, matches: matcher(rule.target) }
    } catch (error) {
      throw terminal('StateError', `spec.driftDetection.ignore[${index}]: ${messageOf(error)}`)
    }
  })
  return object => read.filter(({ matches }) => matches(object)).flatMap(({ paths }) => paths)
}

function matcher(target: Rule['target']): (object: KubeObject) => boolean {
  if (target === undefined) return () => true
  const part = (pattern: string | undefined) => {
    if (!pattern) return () => true
    const expression = goRegExp(`^(?:${pattern})$`)
    return (text: string | undefined) => expression.test(text ?? '')
  }
  const [group, version, kind] = [part(target.group), part(target.version), part(target.kind)]
  const [name, namespace] = [part(target.name), part(target.namespace)]
  const labels = parseLabelSelector(target.labelSelector ?? '')
  const annotations = parseLabelSelector(target.annotationSelector ?? '')
  return object => {
    const { metadata } = object
    const gvk = gvkOf(object)
    return (
      group(gvk.group) &&
      version(gvk.version) &&
      kind(gvk.kind) &&
      name(metadata.name) &&
      namespace(metadata.namespace) &&
      labels(new Map(Object.entries(metadata.labels ?? {}))) &&
      annotations(new Map(Object.entries(metadata.annotations ?? {})))
    )
  }
}

/** A copy without one field. */
export function without(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return undefined
  if (Array.isArray(value)) {
    const index = Number(step)
    if (!(index in value)) return value
    return rest.length === 0 ? value.toSpliced(index, 1) : value.with(index, without(value[index], rest))
  }
  if (!isObject(value) || !Object.hasOwn(value, step)) return value
  if (rest.length > 0) return { ...value, [step]: without(value[step], rest) }
  const { [step]: _gone, ...kept } = value
  return kept
}
