import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Schema } from '../../schema/types.ts'
import { FieldSet } from '../fieldset/field-set.ts'
import { toFieldsV1 } from '../fieldset/fields-v1.ts'
import { formatPath } from '../fieldset/path-element.ts'
import { applyTyped, updateTyped } from './applier.ts'
import { compareTyped, isSame } from './compare.ts'
import { extractItems } from './extract-items.ts'
import { mergeTyped } from './merge.ts'
import { reconcileWithType } from './reconcile.ts'
import { removeItems } from './remove-items.ts'
import { objectType, typeOf } from './schema-types.ts'
import { toFieldSet } from './to-field-set.ts'
import { deducedType } from './type-model.ts'
import type { Managers } from './types.ts'
import { formatProblems, validateTyped } from './validate.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    size: { type: 'integer' },
    name: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    steps: { type: 'array', items: { type: 'string' } },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['id', 'zone'],
      items: {
        type: 'object',
        properties: { id: { type: 'string' }, zone: { type: 'string', default: 'z0' }, n: { type: 'integer' } },
      },
    },
    box: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: { type: 'string' } } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    any: { 'x-kubernetes-preserve-unknown-fields': true },
    port: { 'x-kubernetes-int-or-string': true },
    on: { type: 'boolean' },
  },
}
const type = typeOf(schema)
const paths = (set: FieldSet): string[] => set.paths().map(formatPath)

const word = fc.constantFrom('a', 'b', 'c')
/**
 * Values of the type, without empty containers and with one shape in each place: an empty list is owned by nobody, a
 * container that loses its last element becomes null, and a free-form value that changes its shape loses its fields.
 * These have tests of their own; the laws below hold for all else.
 */
const values = fc.record(
  {
    size: fc.nat(3),
    name: word,
    tags: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
    steps: fc.array(word, { minLength: 1, maxLength: 2 }),
    parts: fc.uniqueArray(fc.record({ id: word, zone: word, n: fc.nat(2) }, { requiredKeys: ['id'] }), {
      selector: part => `${part.id}/${part.zone ?? 'z0'}`,
      minLength: 1,
      maxLength: 3,
    }),
    box: fc.record({ a: word }),
    labels: fc.dictionary(word, word, { minKeys: 1 }),
    free: fc.dictionary(word, fc.dictionary(word, word, { minKeys: 1 }), { minKeys: 1 }),
    on: fc.boolean(),
  },
  { requiredKeys: [] },
)

describe('merging', () => {
  it('is without effect the second time, and gives back the very live object', () => {
    fc.assert(
      fc.property(values, values, (live, config) => {
        const once = mergeTyped(live, config, type)
        expect(mergeTyped(once, config, type)).toBe(once)
        expect(validateTyped(once, type)).toEqual([])
      }),
    )
  })

  it('changes neither side', () => {
    fc.assert(
      fc.property(values, values, (live, config) => {
        const before = JSON.stringify([live, config])
        mergeTyped(live, config, type)
        expect(JSON.stringify([live, config])).toBe(before)
      }),
    )
  })

  it('is associative but for the order of lists', () => {
    const unordered = (value: unknown): string => JSON.stringify(toFieldsV1(toFieldSet(value, type)))
    fc.assert(
      fc.property(values, values, values, (a, b, c) => {
        const left = mergeTyped(mergeTyped(a, b, type), c, type)
        const right = mergeTyped(a, mergeTyped(b, c, type), type)
        expect(unordered(left)).toBe(unordered(right))
        const change = compareTyped(left, right, type)
        expect(isSame(change), JSON.stringify([left, right])).toBe(true)
      }),
    )
  })

  it('removes nothing, and what it changes is in the config', () => {
    fc.assert(
      fc.property(values, values, (live, config) => {
        const { added, modified, removed } = compareTyped(live, mergeTyped(live, config, type), type)
        expect(removed.isEmpty).toBe(true)
        const own = toFieldSet(config, type)
        // Containers on the way to an owned leaf are reported as added without being owned.
        for (const path of modified.paths()) expect(own.has(path), formatPath(path)).toBe(true)
        for (const path of added.leaves().paths()) expect(own.has(path), formatPath(path)).toBe(true)
      }),
    )
  })

  it.each([
    [['a', 'b', 'c'], ['b'], ['a', 'b', 'c']],
    [
      ['a', 'b', 'c'],
      ['c', 'a'],
      ['b', 'c', 'a'],
    ],
    [
      ['a', 'b'],
      ['c', 'b', 'a'],
      ['c', 'b', 'a'],
    ],
    [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'b', 'c'],
    ],
    [
      ['x', 'a'],
      ['n', 'a'],
      ['x', 'n', 'a'],
    ],
    [
      ['a', 'a', 'x'],
      ['a', 'n'],
      ['a', 'n', 'x'],
    ],
  ])('puts set %j and config %j in the order %j', (live, config, result) => {
    expect(mergeTyped({ tags: live }, { tags: config }, type)).toEqual({ tags: result })
  })

  it('keeps apart null, empty and absent', () => {
    expect(mergeTyped({ labels: {} }, { labels: null }, type)).toEqual({ labels: null })
    expect(mergeTyped({ labels: { a: '1' } }, { labels: null }, type)).toEqual({ labels: { a: '1' } })
    expect(mergeTyped({}, { tags: [] }, type)).toEqual({ tags: [] })
    expect(mergeTyped({ steps: ['a'] }, { steps: [] }, type)).toEqual({ steps: [] })
  })

  it('survives names of prototypes', () => {
    const config = JSON.parse('{"__proto__": {"a": "1"}, "constructor": "x"}') as unknown
    const out = mergeTyped({ keep: 1 }, config, deducedType) as object
    expect(Object.keys(out)).toEqual(['keep', '__proto__', 'constructor'])
    expect(paths(toFieldSet(out, deducedType))).toEqual(['.__proto__', '.constructor', '.keep', '.__proto__.a'])
  })
})

describe('applying', () => {
  const rules = { convert: <T>(from: T): T => from }
  const apply = (live: unknown, managers: Managers, manager: string, config: unknown) => {
    const result = applyTyped({ rules, version: 'v1', live: { value: live, type }, managers, manager }, config, true)
    if (result.conflicts) throw new Error('forced applies have no conflicts')
    return result
  }

  it('twice is the same as once', () => {
    fc.assert(
      fc.property(values, values, values, (one, two, config) => {
        // An object of Kubernetes is never empty: it has a kind.
        const three = { size: 1, ...config }
        const first = apply({}, new Map(), 'a', one)
        const second = apply(first.value, first.managers, 'b', two)
        const third = apply(second.value, second.managers, 'a', three)
        const again = apply(third.value, third.managers, 'a', three)
        expect(again.value).toBe(third.value)
        expect([...again.managers.keys()].sort()).toEqual([...third.managers.keys()].sort())
        for (const [name, { set }] of again.managers) expect(set.equals(third.managers.get(name)!.set)).toBe(true)
      }),
    )
  })

  it('makes everything owned that it names, and keeps everything that somebody owns', () => {
    fc.assert(
      fc.property(values, values, (one, two) => {
        const first = apply({}, new Map(), 'a', one)
        const second = apply(first.value, first.managers, 'b', two)
        const third = apply(second.value, second.managers, 'a', {})
        const there = toFieldSet(third.value, type)
        const own = toFieldSet(two, type)
        expect(third.managers.get('b')?.set.equals(own) ?? own.isEmpty).toBe(true)
        for (const path of own.leaves().paths()) expect(there.has(path), formatPath(path)).toBe(true)
        expect(third.managers.has('a')).toBe(false)
      }),
    )
  })

  it('removes what the only owner leaves out, with what is in it', () => {
    const first = apply({}, new Map(), 'a', {
      size: 1,
      parts: [{ id: 'p', n: 1 }, { id: 'q' }],
      labels: { x: '1', y: '2' },
    })
    const second = apply(first.value, first.managers, 'a', { parts: [{ id: 'q' }], labels: { y: '2' } })
    expect(second.value).toEqual({ parts: [{ id: 'q' }], labels: { y: '2' } })
  })
})

describe('updating', () => {
  it('gives what is added and changed, and takes what is removed, from whoever had it', () => {
    const rules = { convert: <T>(from: T): T => from }
    let live: unknown = {}
    let managers: Managers = new Map()
    const update = (manager: string, value: unknown): Record<string, string[]> => {
      managers = updateTyped({ rules, version: 'v1', live: { value: live, type }, managers, manager }, value)
      live = value
      return Object.fromEntries([...managers].map(([name, { set }]) => [name, paths(set)]))
    }
    expect(update('a', { size: 1, name: 'x', tags: ['a'] })).toEqual({ a: ['.name', '.size', '.tags', '.tags[="a"]'] })
    expect(update('a', { size: 1, tags: ['a'] })).toEqual({ a: ['.size', '.tags', '.tags[="a"]'] })
    expect(update('b', { size: 2, tags: ['b'] })).toEqual({ a: ['.tags'], b: ['.size', '.tags[="b"]'] })
    expect(update('b', {})).toEqual({})
  })
})

describe('field sets of values', () => {
  it('own leaves, elements and map entries, and not the declared fields on the way', () => {
    const value = {
      size: 1,
      tags: ['a'],
      parts: [{ id: 'p', n: 1 }],
      box: { a: 'x' },
      labels: { l: '1' },
      free: { deep: { er: [1] } },
      steps: [],
      port: '80',
    }
    expect(toFieldsV1(toFieldSet(value, type))).toEqual({
      'f:box': {},
      'f:free': { 'f:deep': { '.': {}, 'f:er': {} } },
      'f:labels': { 'f:l': {} },
      'f:parts': { 'k:{"id":"p","zone":"z0"}': { '.': {}, 'f:id': {}, 'f:n': {} } },
      'f:port': {},
      'f:size': {},
      'f:steps': {},
      'f:tags': { 'v:"a"': {} },
    })
  })

  it('own elements that occur more than once as a whole', () => {
    const value = { tags: ['a', 'a'], parts: [{ id: 'p', n: 1 }, { id: 'p' }, { id: 'q' }] }
    expect(toFieldsV1(toFieldSet(value, type))).toEqual({
      'f:parts': { 'k:{"id":"p","zone":"z0"}': {}, 'k:{"id":"q","zone":"z0"}': { '.': {}, 'f:id': {} } },
      'f:tags': { 'v:"a"': {} },
    })
  })

  it('own nulls and empty maps, but not empty granular lists', () => {
    expect(paths(toFieldSet({ labels: {}, tags: [], name: null, parts: null }, type))).toEqual([
      '.labels',
      '.name',
      '.parts',
    ])
  })
})

describe('comparing', () => {
  it('finds nothing between equal values and mirrors the other direction', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        expect(isSame(compareTyped(a, structuredClone(a), type))).toBe(true)
        const there = compareTyped(a, b, type)
        const back = compareTyped(b, a, type)
        expect(there.added.equals(back.removed)).toBe(true)
        expect(there.removed.equals(back.added)).toBe(true)
        expect(there.modified.equals(back.modified)).toBe(true)
        expect(there.added.intersection(there.removed).isEmpty).toBe(true)
      }),
    )
  })

  it('loses the old and gains the new fields when a value changes its shape', () => {
    const { added, modified, removed } = compareTyped({ any: { x: 1 } }, { any: 'text' }, type)
    expect([paths(added), paths(modified), paths(removed)]).toEqual([[], ['.any'], ['.any.x']])
  })
})

describe('removing and extracting', () => {
  it('are each other’s complement for what a config owns', () => {
    fc.assert(
      fc.property(values, value => {
        const own = toFieldSet(value, type)
        const left = toFieldSet(removeItems(value, own, type), type)
        expect(left.leaves().intersection(own).isEmpty).toBe(true)
        const taken = toFieldSet(extractItems(value, own, type), type)
        for (const path of own.leaves().paths()) expect(taken.has(path), formatPath(path)).toBe(true)
      }),
    )
  })

  it('leave null where nothing is left, and the very value where nothing goes', () => {
    const value = { labels: { a: '1' }, size: 1 }
    expect(removeItems(value, FieldSet.of(['f:labels', 'f:a']), type)).toEqual({ labels: null, size: 1 })
    expect(removeItems(value, FieldSet.of(['f:labels', 'f:b']), type)).toBe(value)
  })
})

describe('a schema that has changed', () => {
  it('makes an owner of parts the owner of what is atomic now, and nothing else', () => {
    const set = FieldSet.of(
      ['f:box', 'f:a'],
      ['f:steps', 'v:"x"'],
      ['f:labels', 'f:l'],
      ['f:free', 'f:x', 'f:y'],
      ['f:gone', 'f:x'],
    )
    expect(paths(reconcileWithType(set, type))).toEqual(['.box', '.steps', '.free.x.y', '.gone.x', '.labels.l'])
    const same = FieldSet.of(['f:box'], ['f:labels', 'f:l'])
    expect(reconcileWithType(same, type)).toBe(same)
  })
})

describe('types of schemas', () => {
  it('hand preserve-unknown-fields down', () => {
    const open = typeOf({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { inner: { type: 'object', properties: { a: { type: 'string' } } } },
    })
    expect(validateTyped({ x: 1, inner: { a: 'x', b: [1] } }, open)).toEqual([])
  })

  it('put metadata into kinds and embedded objects', () => {
    const kind = objectType({
      type: 'object',
      properties: {
        metadata: { type: 'object' },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    })
    const object = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { finalizers: ['f'], ownerReferences: [{ uid: 'u', name: 'n' }] },
      template: { metadata: { labels: { a: '1' } }, spec: { x: 1 } },
    }
    expect(validateTyped(object, kind)).toEqual([])
    expect(toFieldsV1(toFieldSet(object, kind))).toEqual({
      'f:apiVersion': {},
      'f:kind': {},
      'f:metadata': { 'f:finalizers': { 'v:"f"': {} }, 'f:ownerReferences': { 'k:{"uid":"u"}': {} } },
      'f:template': { 'f:metadata': { 'f:labels': { 'f:a': {} } }, 'f:spec': { '.': {}, 'f:x': {} } },
    })
  })

  it('may be cyclic', () => {
    const node: { type: 'object'; properties: Record<string, Schema> } = { type: 'object', properties: {} }
    node.properties['next'] = node
    node.properties['n'] = { type: 'integer' }
    expect(paths(toFieldSet({ next: { next: { n: 1 } } }, typeOf(node)))).toEqual(['.next.next.n'])
  })
})

describe('validation speaks the words of structured-merge-diff', () => {
  const problem = (value: unknown): string => formatProblems(validateTyped(value, type))
  it.each([
    [{ ghost: 1 }, '.ghost: field not declared in schema'],
    [{ size: 'one' }, '.size: expected numeric (int or float), got string'],
    [{ size: { a: 1 } }, '.size: expected numeric (int or float), got map[string]interface {}'],
    [{ name: 1 }, '.name: expected string, got &value.valueUnstructured{Value:1}'],
    [{ on: 'yes' }, '.on: expected boolean, got &{yes}'],
    [{ tags: 'a' }, '.tags: expected list, got &{a}'],
    [{ labels: ['a', 1] }, '.labels: expected map, got &{[a 1]}'],
    [{ port: [80] }, '.port: expected any scalar, got &{[80]}'],
    [{ tags: ['a', 'a'] }, '.tags: duplicate entries for key [="a"]'],
    [{ tags: [null] }, ".tags: element 0: associative list without keys has an element that's an explicit null"],
    [{ parts: [{ id: 'p' }, { id: 'p', zone: 'z0' }] }, '.parts: duplicate entries for key [id="p",zone="z0"]'],
    [{ parts: [{ id: 'p', n: 'x' }] }, '.parts[id="p",zone="z0"].n: expected numeric (int or float), got string'],
    [{ steps: ['a', 1] }, '.steps[1]: expected string, got &value.valueUnstructured{Value:1}'],
    [
      { size: 'x', on: 1 },
      'errors:\n  .size: expected numeric (int or float), got string\n  .on: expected boolean, got &{1}',
    ],
  ])('%j', (value, text) => {
    expect(problem(value)).toBe(text)
  })

  it('repetitions are fine in objects that are kept', () => {
    expect(validateTyped({ tags: ['a', 'a'] }, type, true)).toEqual([])
  })
})
