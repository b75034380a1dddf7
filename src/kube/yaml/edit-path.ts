import { isObject } from '../../base/json.ts'

/** A step to a value: a key, an index (`-` behind the last item), or the list item whose field has a value. */
export type YamlStep = string | number | { readonly key: string; readonly value: string | number | boolean }

export type YamlPath = readonly YamlStep[]

/** A path as messages show it: `spec.workerNodeGroupConfigurations[name=md-0].count`. */
export function formatPath(path: YamlPath): string {
  let out = ''
  for (const step of path) {
    if (typeof step === 'object') out += `[${step.key}=${step.value}]`
    else if (typeof step === 'number' || step === '-') out += `[${step}]`
    else out += out === '' ? step : `.${step}`
  }
  return out === '' ? 'the document' : out
}

/** The position in a list that a step means; the length of the list for a place behind its end; -1 for none. */
export function indexOfStep(step: YamlStep, items: readonly unknown[]): number {
  if (step === '-') return items.length
  if (typeof step === 'number') return step >= 0 && step <= items.length ? step : -1
  if (typeof step === 'string') return -1
  return items.findIndex(item => isObject(item) && item[step.key] === step.value)
}

/**
 * A value with one place set (or removed, for `undefined`), the original left alone. A text instead says why not.
 */
export function applyToValue(root: unknown, path: YamlPath, value: unknown): { readonly value: unknown } | string {
  const [step, ...rest] = path
  if (step === undefined) return { value }
  if (Array.isArray(root)) {
    const index = indexOfStep(step, root)
    if (index < 0) return `the list has no item ${formatPath([step])}`
    if (value === undefined && index === root.length) return { value: root }
    const inner = applyToValue(root[index], rest, value)
    if (typeof inner === 'string') return inner
    return {
      value: inner.value === undefined ? root.toSpliced(index, 1) : Object.assign([...root], { [index]: inner.value }),
    }
  }
  if (root !== undefined && root !== null && !isObject(root))
    return `there is a single value before ${formatPath(path)}`
  if (step === '-' || (step === 0 && !isObject(root))) {
    const inner = applyToValue(undefined, rest, value)
    return typeof inner === 'string' ? inner : { value: inner.value === undefined ? root : [inner.value] }
  }
  if (typeof step !== 'string') return `there is no list for ${formatPath([step])}`
  const has = isObject(root) && Object.hasOwn(root, step)
  if (!has && value === undefined) return { value: root }
  const inner = applyToValue(has ? root[step] : undefined, rest, value)
  if (typeof inner === 'string') return inner
  const { [step]: _, ...others } = root ?? {}
  return { value: inner.value === undefined ? others : { ...root, [step]: inner.value } }
}
