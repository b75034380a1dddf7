import { isObject, jsonEqual } from '../base/json.ts'
import { unifiedDiff } from '../base/text-diff.ts'
import { formatRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { stringifyYaml } from '../kube/yaml/index.ts'
import { isQuantityField, sameQuantity } from './quantities.ts'
import { otherParts } from './sync-credential.ts'

/**
 * What applying an object changes of the live one, as a unified diff of the fields that are applied; '' when nothing does.
 * Values of Secrets are never in it, and schemas of definitions that are new are left out: nobody reads them here.
 */
export function objectDiff(wanted: KubeObject, live: KubeObject | undefined): string {
  const before = live === undefined ? undefined : withParts(projection(live, wanted), wanted, live)
  const [shownBefore, shownAfter] = masked(before, wanted, live === undefined)
  const text = (value: unknown) => (value === undefined ? undefined : stringifyYaml(value))
  return unifiedDiff(formatRef(refOf(wanted)), text(shownBefore), text(shownAfter))
}

/** The fields of a live object that the wanted one has, too; a quantity that is the same is written as the wanted one. */
function projection(live: unknown, wanted: unknown, name?: string): unknown {
  if (Array.isArray(live) && Array.isArray(wanted) && live.length === wanted.length)
    return live.map((item, i) => projection(item, wanted[i]))
  if (!isObject(live) || !isObject(wanted)) return live
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([key, value]) => key in live && value !== undefined)
      .map(([key, value]) => [
        key,
        isQuantityField(name, key) && sameQuantity(live[key], value) ? value : projection(live[key], value, key),
      ]),
  )
}

/** With the parts of another credential, which are taken out. */
function withParts(before: unknown, wanted: KubeObject, live: KubeObject): unknown {
  const parts = otherParts(live, wanted)
  if (parts.length === 0 || !isObject(before)) return before
  const data = isObject(before['data']) ? before['data'] : {}
  return { ...before, data: { ...data, ...Object.fromEntries(parts.map(part => [part, ''])) } }
}

function masked(before: unknown, after: KubeObject, isNew: boolean): [unknown, unknown] {
  if (after.kind === 'Secret')
    return [withoutValues(before, after, '*** (the one now)'), withoutValues(after, before, '*** (another one)')]
  if (after.kind === 'CustomResourceDefinition' && isNew) return [before, withoutSchemas(after)]
  return [before, after]
}

/** Values that both have are `***`; those that differ are told apart by words alone. */
function withoutValues(object: unknown, other: unknown, word: string): unknown {
  if (!isObject(object)) return object
  const hidden = (field: string) => {
    const data = object[field]
    if (!isObject(data)) return {}
    const there = isObject(other) && isObject(other[field]) ? other[field] : {}
    const shown = (key: string) => (key in there && !jsonEqual(there[key], data[key]) ? word : '***')
    return { [field]: Object.fromEntries(Object.keys(data).map(key => [key, shown(key)])) }
  }
  return { ...object, ...hidden('data'), ...hidden('stringData') }
}

function withoutSchemas(definition: KubeObject): unknown {
  const spec = definition['spec']
  if (!isObject(spec) || !Array.isArray(spec['versions'])) return definition
  const versions = spec['versions'].map(one => (isObject(one) ? { ...one, schema: '(not shown)' } : one))
  return { ...definition, spec: { ...spec, versions } }
}
