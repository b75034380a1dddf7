import { gvkOf } from '../../kube/identity.ts'
import { parsePointer } from '../../kube/merge/json-pointer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { goRegExp } from '../../kustomize/go-regexp.ts'
import { parseLabelSelector } from '../../kustomize/label-selector.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { messageOf, StepFailure } from '../failure.ts'

/** Fields of some objects that the cluster decides about. */
export interface IgnoreRule {
  readonly matches: (object: KubeObject) => boolean
  /** The keys on the way to each field. */
  readonly paths: readonly (readonly string[])[]
}

/** What makes an object the one that it is, or the Kustomization's own; it cannot be left to the cluster. */
const fixed = ['/apiVersion', '/kind', '/metadata', '/metadata/name', '/metadata/namespace', '/metadata/labels']

/** Reads `spec.ignore`. A pointer or selector that is none stalls the object. */
export function ignoreRules(entries: Kustomization['spec']['ignore']): IgnoreRule[] {
  return (entries ?? []).map(({ paths, target }, at) => ({
    matches: matcher(target ?? {}, `spec.ignore[${at}].target`),
    paths: paths.map(path => stepsOf(path, `spec.ignore[${at}].paths`)),
  }))
}

function stepsOf(path: string, field: string): readonly string[] {
  const steps = parsePointer(path)
  if (steps === undefined || steps.length === 0) throw invalid(field, 'a JSON pointer such as /spec/replicas', path)
  if (fixed.includes(path)) throw invalid(field, 'a field that may differ, such as /metadata/annotations/a', path)
  return steps
}

type Target = NonNullable<NonNullable<Kustomization['spec']['ignore']>[number]['target']>

function matcher(target: Target, field: string): (object: KubeObject) => boolean {
  const part = (pattern: string | undefined): ((text: string) => boolean) => {
    if (!pattern) return () => true
    const expression = goRegExp(`^(?:${pattern})$`)
    return text => expression.test(text)
  }
  try {
    const [group, version, kind] = [part(target.group), part(target.version), part(target.kind)]
    const [name, namespace] = [part(target.name), part(target.namespace)]
    const labels = parseLabelSelector(target.labelSelector ?? '')
    const annotations = parseLabelSelector(target.annotationSelector ?? '')
    return object => {
      const gvk = gvkOf(object)
      const { metadata } = object
      return (
        group(gvk.group) &&
        version(gvk.version) &&
        kind(gvk.kind) &&
        name(metadata.name ?? '') &&
        namespace(metadata.namespace ?? '') &&
        labels(new Map(Object.entries(metadata.labels ?? {}))) &&
        annotations(new Map(Object.entries(metadata.annotations ?? {})))
      )
    }
  } catch (error) {
    throw invalid(field, 'patterns and selectors as kustomize reads them', messageOf(error))
  }
}

function invalid(field: string, expected: string, seen: string): StepFailure {
  return new StepFailure('BuildFailed', `${field}: expected ${expected}, seen ${JSON.stringify(seen.slice(0, 200))}`, {
    stalled: true,
  })
}
