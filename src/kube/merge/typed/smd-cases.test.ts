import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { FieldSet } from '../fieldset/field-set.ts'
import { fromFieldsV1, toFieldsV1 } from '../fieldset/fields-v1.ts'
import { formatPath, parseElement } from '../fieldset/path-element.ts'
import { applyTyped, updateTyped } from './applier.ts'
import { extractItems } from './extract-items.ts'
import { mergeTyped } from './merge.ts'
import { smdTypes } from './smd-schema.ts'
import { deducedType, type TypeModel } from './type-model.ts'
import type { Managers, Typed, VersionRules } from './types.ts'
import { formatProblems, validateTyped } from './validate.ts'

/** The acceptance cases of server-side apply, where they are at hand; see the README beside them for their form. */
const folder = process.env['SLUICE_SMD_CASES'] ?? join('..', 'shared', 'data', 'smd-cases')

interface Op {
  readonly op: 'apply' | 'forceApply' | 'update' | 'extractApply' | 'changeSchema' | 'acceptVersions'
  readonly manager: string
  readonly version: string
  readonly object: string
  readonly schema: string
  readonly versions?: readonly string[]
  readonly conflicts?: readonly { manager: string; path: string[] }[]
}

interface Case {
  readonly name: string
  readonly schema: string | null
  readonly type: string | null
  readonly converter?: 'renaming' | 'repeating' | 'none'
  readonly ignore?: Record<string, string[][]>
  readonly ops: readonly Op[]
  readonly expectObject?: string
  readonly expectVersion?: string
  readonly expectManaged?: Record<string, { version: string; fieldsV1: unknown; paths: string[][] }>
  readonly error?: boolean
}

describe.skipIf(!existsSync(folder))('server-side apply, acceptance cases', () => {
  for (const file of existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')) : []) {
    const { schemas, cases } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      schemas: Record<string, string>
      cases: Case[]
    }
    for (const one of cases) it(one.name, () => run(one, schemas))
  }
})

/** The state of one case. */
class State {
  live: unknown
  version = ''
  managers: Managers = new Map()
  types: ((name: string) => TypeModel | undefined) | undefined
  accepted: readonly string[] | undefined
  readonly #test: Case

  constructor(test: Case) {
    this.#test = test
  }

  typeIn(version: string): TypeModel {
    if (this.types === undefined) return deducedType
    const type = this.types(this.#test.type ?? version)
    if (type === undefined) throw new Error(`no type ${this.#test.type ?? version}`)
    return type
  }

  get rules(): VersionRules {
    return {
      convert: (from, fromVersion, toVersion) => this.#convert(from, fromVersion, toVersion),
      filter: version => {
        const paths = this.#test.ignore?.[version]
        if (paths === undefined) return undefined
        const ignored = FieldSet.of(...paths)
        return set => set.without(ignored)
      },
    }
  }

  #convert(from: Typed, fromVersion: string, toVersion: string): Typed | undefined {
    if (this.accepted && !this.accepted.includes(toVersion)) return undefined
    if (this.#test.converter === 'renaming')
      return { value: renamed(from.value, fromVersion, toVersion), type: this.typeIn(toVersion) }
    if (this.#test.converter === 'repeating') {
      if (!/^v[0-9]+$/.test(toVersion)) return undefined
      return { value: repeated(from.value, Number(toVersion.slice(1))), type: this.typeIn(toVersion) }
    }
    return { value: from.value, type: this.typeIn(toVersion) }
  }

  liveIn(version: string): Typed {
    if (this.live === undefined || this.live === null) return { value: null, type: this.typeIn(version) }
    if (this.version === version) return { value: this.live, type: this.typeIn(version) }
    const converted = this.#convert({ value: this.live, type: this.typeIn(this.version) }, this.version, version)
    if (converted === undefined) throw new Error(`no version ${version}`)
    return converted
  }
}

function run(test: Case, schemas: Record<string, string>): void {
  const state = new State(test)
  if (test.schema !== null) state.types = smdTypes(load(schemas[test.schema]!))
  let failed: unknown
  try {
    for (const op of test.ops) perform(state, op, schemas)
  } catch (error) {
    if (!test.error) throw error
    failed = error
  }
  if (test.error) {
    expect(failed).toBeDefined()
    return
  }
  if (test.expectObject !== undefined) {
    const version = test.expectVersion ?? state.version
    expect(state.liveIn(version).value).toEqual(parse(test.expectObject))
  }
  for (const owned of state.managers.values()) expect(owned.set.isEmpty).toBe(false)
  if (test.expectManaged === undefined) return
  const seen = [...state.managers].map(([name, { set, apiVersion }]) => [
    name,
    { version: apiVersion, fieldsV1: toFieldsV1(set) },
  ])
  const wanted = Object.entries(test.expectManaged).map(([name, { version, fieldsV1 }]) => [
    name,
    { version, fieldsV1 },
  ])
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(wanted))
  for (const [name, { fieldsV1, paths }] of Object.entries(test.expectManaged)) {
    expect(fromFieldsV1(fieldsV1)!.equals(state.managers.get(name)!.set)).toBe(true)
    const canonical = paths.map(path => formatPath(path.map(step => parseElement(step)!))).sort()
    expect(state.managers.get(name)!.set.paths().map(formatPath).sort()).toEqual(canonical)
  }
}

function perform(state: State, op: Op, schemas: Record<string, string>): void {
  if (op.op === 'changeSchema') {
    state.types = smdTypes(load(schemas[op.schema]!))
    checked(state.live ?? null, state.typeIn(state.version), true)
    return
  }
  if (op.op === 'acceptVersions') {
    state.accepted = op.versions
    return
  }
  const live = state.liveIn(op.version)
  const write = { rules: state.rules, version: op.version, live, managers: state.managers, manager: op.manager }
  let object = parse(op.object)
  checked(object, live.type, op.op === 'update')
  if (op.op === 'update') {
    state.managers = updateTyped(write, object)
    state.live = object
    state.version = op.version
    return
  }
  if (op.op === 'extractApply' && state.live !== undefined) {
    const owned = state.managers.get(op.manager)
    if (owned && owned.apiVersion !== op.version) throw new Error(`the manager's version is ${owned.apiVersion}`)
    object = mergeTyped(extractItems(live.value, (owned?.set ?? FieldSet.empty).leaves(), live.type), object, live.type)
  }
  const result = applyTyped(write, object, op.op !== 'apply')
  if (op.conflicts) {
    const seen = (result.conflicts ?? []).flatMap(({ manager, fields }) =>
      fields.paths().map(path => `${manager} ${formatPath(path)}`),
    )
    const wanted = op.conflicts.map(
      ({ manager, path }) => `${manager} ${formatPath(path.map(step => parseElement(step)!))}`,
    )
    if (JSON.stringify(seen.sort()) !== JSON.stringify(wanted.sort())) {
      expect(seen).toEqual(wanted)
    }
    return
  }
  if (result.conflicts) throw new Error(`conflicts: ${result.conflicts.map(({ manager }) => manager)}`)
  state.live = result.value
  state.managers = result.managers
  state.version = op.version
}

/** YAML text; nothing but white space is null. */
function parse(text: string): unknown {
  return text.trim() === '' ? null : (load(text) ?? null)
}

function checked(value: unknown, type: TypeModel, allowDuplicates: boolean): void {
  const problems = validateTyped(value, type, allowDuplicates)
  if (problems.length > 0) throw new Error(formatProblems(problems))
}

/** Fields that end with the name of the version get the name of the other one. */
function renamed(value: unknown, from: string, to: string): unknown {
  if (Array.isArray(value)) return value.map(item => renamed(item, from, to))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.endsWith(from) ? key.slice(0, -from.length) + to : key,
      renamed(item, from, to),
    ]),
  )
}

/** Below the top field, every name is its first letter as often as the version says. */
function repeated(value: unknown, times: number, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      depth === 0 ? key : key[0]!.repeat(times),
      repeated(item, times, depth + 1),
    ]),
  )
}
