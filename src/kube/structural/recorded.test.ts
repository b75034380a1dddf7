import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isObject } from '../../base/json.ts'
import type { FieldError } from '../field-error.ts'
import { causesOf } from '../field-error-format.ts'
import type { KubeObject } from '../object.ts'
import type { Schema } from '../schema/types.ts'
import { defaultObject } from './default-object.ts'
import { pruneObject, unknownFields } from './prune-object.ts'
import { validateCrd } from './validate-crd.ts'
import { validateCustomResource } from './validate-custom-resource.ts'

// What a real API server answered, as far as it is about schemas: creates and merge patches of custom resources.
const folder = '../shared/data/kube-scenarios'

interface Step {
  method: string
  path: string
  headers?: Record<string, string>
  query?: Record<string, string>
  body?: Record<string, unknown>
  record?: string
  expect?: { status?: number; body?: Record<string, unknown>; warnings?: string[] }
}
interface Scenario {
  name: string
  steps: Step[]
}

function scenarios(area: string): Scenario[] {
  return JSON.parse(readFileSync(`${folder}/${area}.json`, 'utf8').replaceAll('{run}', 'run')).scenarios
}

const present = existsSync(folder)

describe.skipIf(!present)('recorded answers', () => {
  for (const scenario of present ? scenarios('crd-validation') : []) {
    test(`crd-validation: ${scenario.name}`, () => play(scenario))
  }
  const wanted =
    /structural|unknown types|defaults are filled|null values|versions: one storage|unknown fields|embedded/
  for (const scenario of present ? scenarios('crds').filter(each => wanted.test(each.name)) : []) {
    test(`crds: ${scenario.name}`, () => play(scenario))
  }
})

function play(scenario: Scenario): void {
  let schema: Schema | undefined
  const stored = new Map<string, Record<string, unknown>>()
  for (const step of scenario.steps) {
    if (step.method === undefined || step.body === undefined) continue
    if (step.path.includes('customresourcedefinitions')) {
      const body = structuredClone(step.body) as KubeObject
      const errors = validateCrd(body)
      const versions = (body['spec'] as { versions: { schema?: { openAPIV3Schema: Schema } }[] }).versions
      schema = versions[0]?.schema?.openAPIV3Schema
      if (step.record !== 'none' && step.expect?.status !== undefined) compare(errors, step)
      continue
    }
    if (schema === undefined || step.record === 'none') continue
    const name =
      step.method === 'POST' ? String((step.body['metadata'] as KubeObject['metadata']).name) : nameIn(step.path)
    const old = step.method === 'POST' ? undefined : stored.get(name)
    const kind = step.headers?.['content-type'] ?? 'application/json'
    if (step.method !== 'POST' && !kind.includes('merge-patch')) continue
    const object = step.method === 'POST' ? structuredClone(step.body) : merge(structuredClone(old), step.body)
    const strict = step.query?.['fieldValidation'] === 'Strict'
    if (strict && unknownFields(schema, object).length > 0) {
      expect(step.expect?.status).toBeGreaterThanOrEqual(400)
      continue
    }
    const unknown = pruneObject(schema, object)
    const warned = (step.expect?.warnings ?? []).map(text => /unknown field \\?"([^"\\]+)/.exec(text)?.[1])
    if (step.query?.['fieldValidation'] !== 'Ignore' && (step.expect?.status ?? 500) < 300)
      expect(unknown).toEqual(warned)
    defaultObject(schema, object)
    if (step.expect?.status === 400) continue
    const errors = validateCustomResource(schema, object, old)
    compare(errors, step)
    if (errors.length === 0) stored.set(name, object as Record<string, unknown>)
    const spec =
      step.expect?.body?.['/spec'] ?? (step.expect?.body?.['kind'] === 'Widget' ? step.expect.body['spec'] : undefined)
    if (step.expect?.status !== undefined && step.expect.status < 300 && spec !== undefined) {
      expect((object as Record<string, unknown>)['spec'] ?? '<absent>').toEqual(spec)
    }
  }
}

function compare(errors: readonly FieldError[], step: Step): void {
  const body = step.expect?.body ?? {}
  const status = step.expect?.status ?? 0
  const causes = causesOf(errors)
  if (status < 300) {
    expect(causes).toEqual([])
    return
  }
  if (isObject(body['details']) && Array.isArray(body['details']['causes'])) {
    const sort = (list: readonly { field?: string; message?: string }[]): unknown[] =>
      [...list].sort((a, b) => `${a.field}${a.message}`.localeCompare(`${b.field}${b.message}`))
    expect(sort(causes)).toEqual(sort(body['details']['causes']))
  } else {
    expect(causes.map(cause => cause.reason).sort()).toEqual([...(body['/details/causes/*/reason'] as string[])].sort())
    expect(causes.map(cause => cause.field).sort()).toEqual([...(body['/details/causes/*/field'] as string[])].sort())
  }
}

function nameIn(path: string): string {
  return (
    path
      .replace(/\/status$/, '')
      .split('/')
      .at(-1) ?? ''
  )
}

function merge(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const out: Record<string, unknown> = isObject(target) ? target : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key]
    else out[key] = merge(out[key], value)
  }
  return out
}
