import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { causesOf } from '../../../kube/field-error-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { validateMetadata } from '../../../kube/structural/validate-metadata.ts'
import { decodeGo } from '../go-types/from-json.ts'
import { builtinStrategy } from './index.ts'

// What a real API server answered to creates of builtin kinds: their defaults, what the server sets, and what it refuses.
const folder = '../shared/data/kube-scenarios'
const areas = [
  'defaulting',
  'crud',
  'generation',
  'subresources',
  'nodes-and-pods',
  'rbac-and-access',
  'events-and-leases',
]

interface Step {
  method: string
  path: string
  body?: KubeObject
  expect?: { status?: number; body?: Record<string, unknown> }
}

const present = existsSync(folder)

describe.skipIf(!present)('recorded creates of builtin kinds', () => {
  for (const area of present ? areas : []) {
    const text = readFileSync(`${folder}/${area}.json`, 'utf8').replaceAll('{run}', 'run')
    for (const scenario of JSON.parse(text).scenarios as { name: string; steps: Step[] }[]) {
      const creates = scenario.steps.filter(isCreate)
      if (creates.length === 0) continue
      test(`${area}: ${scenario.name}`, () => {
        for (const step of creates) create(step)
      })
    }
  }
})

/** What needs other objects, admission beside the kinds' own rules, or the write path of the server. */
const elsewhere = /service account|PriorityClass|AlreadyExists|fieldValidation|dryRun/

function isCreate(step: Step): boolean {
  const status = step.expect?.status ?? 0
  const known = step.body !== undefined && isObject(step.body) && step.body.apiVersion !== undefined
  if (step.method !== 'POST' || !known || (status !== 201 && status !== 422)) return false
  const { group } = groupOf(step.body!)
  if (!step.path.endsWith('s') || builtinStrategy(group, step.body!.kind) === undefined) return false
  if (/\/(token|binding)$/.test(step.path)) return false
  return !elsewhere.test(JSON.stringify(step.expect?.body ?? ''))
}

function groupOf(object: KubeObject): { group: string; version: string } {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion]
  return { group: group!, version: version! }
}

const folders: Record<string, string> = {
  '': 'core',
  'coordination.k8s.io': 'coordination',
  'discovery.k8s.io': 'discovery',
  'events.k8s.io': 'events',
  'networking.k8s.io': 'networking',
  'rbac.authorization.k8s.io': 'rbac',
  'scheduling.k8s.io': 'scheduling',
  'storage.k8s.io': 'storage',
}

function create(step: Step): void {
  const { group, version } = groupOf(step.body!)
  const { kind } = step.body!
  const strategy = builtinStrategy(group, kind)!
  const text = JSON.stringify(step.body).replace(/\$\{repeat:(.):(\d+)\}/g, (_, c: string, n: string) =>
    c.repeat(Number(n)),
  )
  const decoded = decodeGo(`${folders[group] ?? group}/${version}.${kind}`, JSON.parse(text)).object as KubeObject
  decoded.metadata = { ...decoded.metadata }
  strategy.applyDefaults?.(decoded, version)
  decoded.metadata.uid = 'uid-1'
  decoded.metadata.name ??= `${decoded.metadata.generateName ?? ''}x`
  if (step.path.includes('{ns}')) decoded.metadata.namespace = '{ns}'
  let object = decoded
  if (group === 'events.k8s.io') object = strategy.convert!(object, 'v1')
  strategy.prepareCreate?.(object)
  const namespaced = step.path.includes('/namespaces/')
  const metadata = validateMetadata(
    { ...object.metadata, ...(namespaced ? { namespace: 'ns' } : {}) },
    {
      namespaced,
      ...(strategy.nameRule === undefined ? {} : { name: strategy.nameRule }),
    },
  )
  const errors = [...metadata, ...(strategy.validateCreate?.(object) ?? [])]
  if (step.expect?.status === 201) {
    expect(causesOf(errors)).toEqual([])
    if (group === 'events.k8s.io') object = strategy.convert!({ ...object, apiVersion: 'v1' }, 'v1')
    compareBody(object, step.expect.body ?? {})
  } else compareCauses(errors, step.expect?.body ?? {})
}

function compareCauses(errors: readonly FieldError[], body: Record<string, unknown>): void {
  const details = body['details']
  const sorted = (list: readonly unknown[]): string[] => list.map(item => JSON.stringify(item)).sort()
  if (isObject(details) && Array.isArray(details['causes'])) {
    const wanted = details['causes'] as { reason: string; message: string; field: string }[]
    expect(sorted(causesOf(errors).map(({ reason, message, field }) => ({ reason, message, field })))).toEqual(
      sorted(wanted.map(({ reason, message, field }) => ({ reason, message, field }))),
    )
  } else expect(errors.length).toBeGreaterThan(0)
}

/** Compares what was recorded with what the rules made of the object; addresses and generated names are made neutral. */
function compareBody(object: KubeObject, body: Record<string, unknown>): void {
  const neutral = JSON.parse(
    JSON.stringify(object)
      .replace(/"10\.\d+\.\d+\.\d+"/g, '"<ip>"')
      .replace(/kube-api-access-\w+/g, 'kube-api-access-<x>'),
  ) as KubeObject
  const given = JSON.parse(JSON.stringify(body).replace(/"10\.\d+\.\d+\.\d+"/g, '"<ip>"'))
  if (body['kind'] !== undefined) {
    for (const [key, value] of Object.entries(given)) {
      if (key === 'metadata' || key === 'kind' || key === 'apiVersion') continue
      expect({ [key]: neutral[key] }).toEqual({ [key]: withoutOpenshift(value) })
    }
    return
  }
  for (const [pointer, value] of Object.entries(given)) {
    if (pointer.startsWith('/metadata') || pointer.includes('*')) continue
    let here: unknown = neutral
    for (const step of pointer.slice(1).split('/')) here = (here as Record<string, unknown> | undefined)?.[step]
    expect({ [pointer]: here ?? '<absent>' }).toEqual({ [pointer]: withoutOpenshift(value) })
  }
}

/** The server that was recorded also projects the certificates of a distribution, which no other server does. */
function withoutOpenshift(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, item) =>
    key === 'sources' ? (item as unknown[]).filter(source => !JSON.stringify(source).includes('openshift')) : item,
  )
}
