import { jsonEqual } from '../../../base/json.ts'
import type { PathElement } from '../fieldset/path-element.ts'
import { stepOrNothing } from './list-index.ts'
import { elementType, entryType, type ListModel, type MapModel, shapeFor, type TypeModel } from './type-model.ts'
import { asList, asMap, isEmptyMap, type JsonMap, setEntry } from './values.ts'

/**
 * `config` laid over `live`: nothing is removed, leaves of `config` win, elements of lists with keys and sets are merged
 * one by one. Containers keep the order of `live` unless `config` orders their common elements differently.
 *
 * Neither argument is changed. Parts that stay equal are the very parts of `live`: the result is `live` itself when
 * `config` says nothing new.
 */
export function mergeTyped(live: unknown, config: unknown, type: TypeModel): unknown {
  if (live === undefined) return config
  if (config === undefined || live === config) return live
  const shape = shapeFor(type, config)
  if (shape === 'map' && !type.map!.atomic) return mergeMaps(live, config, type.map!)
  if (shape === 'list' && !type.list!.atomic) return mergeLists(live, config, type.list!)
  return leaf(live, config)
}

function leaf(live: unknown, config: unknown): unknown {
  return jsonEqual(live, config) ? live : config
}

function mergeMaps(live: unknown, config: unknown, model: MapModel): unknown {
  const left = asMap(live)
  const right = asMap(config)
  const rightEmpty = right === undefined || isEmptyMap(right)
  if (left === undefined || isEmptyMap(left)) return rightEmpty ? leaf(live, config) : right
  if (rightEmpty) return left
  let out: JsonMap | undefined
  for (const key of Object.keys(right)) {
    const value = right[key]
    if (value === undefined) continue
    const before = Object.hasOwn(left, key) ? left[key] : undefined
    const merged = before === undefined ? value : mergeTyped(before, value, entryType(model, model.field(key)))
    if (merged === before) continue
    out ??= { ...left }
    setEntry(out, key, merged)
  }
  return out ?? left
}

function mergeLists(live: unknown, config: unknown, model: ListModel): unknown {
  const left = asList(live)
  const right = asList(config)
  const rightEmpty = right === undefined || right.length === 0
  if (left === undefined || left.length === 0) return rightEmpty ? leaf(live, config) : right
  if (rightEmpty) return left
  const out = mergeElements(left, right, model)
  return out.length === left.length && out.every((item, i) => item === left[i]) ? left : out
}

/** An element that occurs several times in the live list: it is replaced, never merged into. */
const repeated = Symbol('repeated')

function mergeElements(left: readonly unknown[], right: readonly unknown[], model: ListModel): unknown[] {
  const type = elementType(model)
  const leftSteps = left.map(item => stepOrNothing(model, item))
  const rightSteps = right.map(item => stepOrNothing(model, item))
  const inLeft = new Map<PathElement, unknown>()
  for (const [i, step] of leftSteps.entries()) {
    if (step !== undefined) inLeft.set(step, inLeft.has(step) ? repeated : left[i])
  }
  const inRight = new Set<PathElement | undefined>(rightSteps)
  inRight.delete(undefined)
  // The common elements in the order that the config wants; `next` is the one that is due.
  const shared = rightSteps.filter(step => step !== undefined && inLeft.has(step))
  const placed = new Set<PathElement | undefined>()
  const out: unknown[] = []
  let next = 0
  const place = (i: number): void => {
    const step = rightSteps[i]
    placed.add(step)
    const before = step === undefined ? undefined : inLeft.get(step)
    out.push(before === undefined || before === repeated ? right[i] : mergeTyped(before, right[i], type))
    if (next < shared.length && shared[next] === step) next++
  }
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    if (l < left.length) {
      const step = leftSteps[l]
      if (!inRight.has(step)) {
        out.push(left[l++])
        continue
      }
      if (r < right.length) {
        if (step === rightSteps[r]) {
          place(r++)
          l++
          continue
        }
        // A common element that is not due yet comes in the config's place, not here.
        if (next < shared.length && step !== shared[next]) {
          l++
          continue
        }
      }
      if (placed.has(step) || r >= right.length) l++
    }
    if (r < right.length) place(r++)
  }
  return out
}
