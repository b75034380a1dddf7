import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { causesOf } from '../../../kube/field-error-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { validateMetadata } from '../../../kube/structural/validate-metadata.ts'
import { decodeGo } from '../go-types/from-json.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { builtinColumns, builtinStrategy } from './index.ts'

// What a real API server answered about builtin kinds: defaults, what the server sets, what it refuses, and its tables.
// The write path here is the shortest that exercises the rules: creates, replaces and merge patches.
const folder = '../shared/data/kube-scenarios'
const areas = [
  'defaulting',
  'immutable-fields',
  'crud',
  'generation',
  'subresources',
  'nodes-and-pods',
  'rbac-and-access',
  'events-and-leases',
  'tables',
]

interface Step {
  method: string
  path: string
  query?: Record<string, string>
  headers?: Record<string, string>
  body?: KubeObject
  expect?: { status?: number; body?: Record<string, unknown> }
}

const present = existsSync(folder)

describe.skipIf(!present)('recorded answers about builtin kinds', () => {
  for (const area of present ? areas : []) {
    const text = readFileSync(`${folder}/${area}.json`, 'utf8').replaceAll('{run}', 'run')
    for (const scenario of JSON.parse(text).scenarios as { name: string; steps: Step[] }[]) {
      if (/quality|AlreadyExists|dry run|must match|preconditions|uid/.test(scenario.name)) continue
      test(`${area}: ${scenario.name}`, () => play(scenario.steps))
    }
  }
})

/** What needs other objects, admission beside the kinds' own rules, or the write path of the server. */
const elsewhere = /service account|PriorityClass|fieldValidation|dryRun/

function play(steps: readonly Step[]): void {
  const stored = new Map<string, KubeObject>()
  for (const step of steps) {
    const target = targetOf(step)
    if (target === undefined || elsewhere.test(JSON.stringify(step.expect?.body ?? ''))) continue
    const status = step.expect?.status ?? 0
    if (step.method === 'POST' && (status === 201 || status === 422)) {
      const result = write(step, target, undefined)
      if (result !== undefined) stored.set(`${step.path}/${result.metadata.name}`, result)
    } else if (step.method === 'PUT' || step.method === 'PATCH') {
      const key = step.path.replace(/\/status$/, '')
      const old = stored.get(key)
      const type = step.headers?.['content-type'] ?? 'application/json'
      if (old === undefined || (status !== 200 && status !== 422)) continue
      if (step.method === 'PATCH' && type !== 'application/merge-patch+json') return
      const result = write(step, target, old)
      if (result !== undefined) stored.set(key, result)
    } else if (step.method === 'GET' && step.headers?.['accept']?.includes('as=Table')) {
      compareTable(step, target, stored)
    }
  }
}

interface Target {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly strategy: KindStrategy
  readonly subresource: string
}

const kinds: Record<string, string> = {
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
  networkpolicies: 'NetworkPolicy',
  ingresses: 'Ingress',
  configmaps: 'ConfigMap',
  serviceaccounts: 'ServiceAccount',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  cronjobs: 'CronJob',
  endpointslices: 'EndpointSlice',
  poddisruptionbudgets: 'PodDisruptionBudget',
  storageclasses: 'StorageClass',
  priorityclasses: 'PriorityClass',
  resourcequotas: 'ResourceQuota',
  rolebindings: 'RoleBinding',
  clusterroles: 'ClusterRole',
}

function targetOf(step: Step): Target | undefined {
  const match =
    /^\/(?:api|apis\/([^/]+))\/([^/]+)\/(?:namespaces\/[^/]+\/(?!status|finalize))?([^/]+)(?:\/[^/]+)?(?:\/([^/]+))?$/.exec(
      step.path,
    )
  if (match === null) return undefined
  const [, group = '', version = '', plural = '', subresource = ''] = match
  if (subresource !== '' && subresource !== 'status') return undefined
  const kind = kinds[plural] ?? plural.charAt(0).toUpperCase() + plural.slice(1, -1)
  const strategy = builtinStrategy(group, kind)
  if (strategy === undefined || (step.method === 'POST' && step.body?.kind !== kind)) return undefined
  return { group, version, kind, strategy, subresource }
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

/** Runs one write and compares; gives the new object, or undefined when it was refused. */
function write(step: Step, target: Target, old: KubeObject | undefined): KubeObject | undefined {
  const { group, version, kind, strategy, subresource } = target
  const text = JSON.stringify(step.body).replace(/\$\{repeat:(.):(\d+)\}/g, (_, c: string, n: string) =>
    c.repeat(Number(n)),
  )
  const sent = step.method === 'PATCH' ? merge(structuredClone(old), JSON.parse(text)) : JSON.parse(text)
  const decoded = decodeGo(`${folders[group] ?? group}/${version}.${kind}`, sent).object as KubeObject
  decoded.metadata = { ...decoded.metadata }
  strategy.applyDefaults?.(decoded, version)
  decoded.metadata.uid = 'uid-1'
  decoded.metadata.name ??= `${decoded.metadata.generateName ?? ''}x`
  if (step.path.includes('{ns}')) decoded.metadata.namespace = '{ns}'
  let object = group === 'events.k8s.io' ? strategy.convert!(decoded, 'v1') : decoded
  const errors: FieldError[] = []
  if (old === undefined) {
    strategy.prepareCreate?.(object)
    const namespaced = step.path.includes('/namespaces/')
    const metadata = { ...object.metadata, ...(namespaced ? { namespace: 'ns' } : {}) }
    const rule = strategy.nameRule
    errors.push(...validateMetadata(metadata, { namespaced, ...(rule === undefined ? {} : { name: rule }) }))
    errors.push(...(strategy.validateCreate?.(object) ?? []))
  } else if (subresource === 'status') {
    object = { ...old, status: object['status'] }
    errors.push(...(strategy.validateStatusUpdate?.(object, old) ?? []))
  } else {
    strategy.prepareUpdate?.(object, old)
    errors.push(...(strategy.validateUpdate?.(object, old) ?? []))
  }
  if ((step.expect?.status ?? 0) >= 300) {
    compareCauses(errors, step.expect?.body ?? {})
    return undefined
  }
  expect(causesOf(errors)).toEqual([])
  const shown = group === 'events.k8s.io' ? strategy.convert!({ ...object, apiVersion: 'v1' }, 'v1') : object
  if (step.expect?.body !== undefined) compareBody(shown, step.expect.body)
  return object
}

function merge(target: unknown, patch: unknown): Record<string, unknown> {
  const out: Record<string, unknown> = isObject(target) ? target : {}
  for (const [key, value] of Object.entries(patch as object)) {
    if (value === null) delete out[key]
    else out[key] = isObject(value) ? merge(out[key], value) : value
  }
  return out
}

function compareCauses(errors: readonly FieldError[], body: Record<string, unknown>): void {
  const sorted = (list: readonly unknown[]): string[] => list.map(item => JSON.stringify(item)).sort()
  const told = causesOf(errors).map(({ reason, message, field }) => ({ reason, message, field }))
  const details = body['details']
  const causes = isObject(details) ? details['causes'] : body['/details/causes']
  if (Array.isArray(causes)) {
    const wanted = causes as { reason: string; message: string; field: string }[]
    expect(sorted(told)).toEqual(sorted(wanted.map(({ reason, message, field }) => ({ reason, message, field }))))
  } else if (Array.isArray(body['/details/causes/*/field'])) {
    expect(told.map(cause => cause.field).sort()).toEqual([...body['/details/causes/*/field']].sort())
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
      expect({ [key]: neutral[key] }).toEqual({ [key]: value })
    }
    return
  }
  for (const [pointer, value] of Object.entries(given)) {
    if (/^\/(metadata|reason|code|details|kind|apiVersion)/.test(pointer) || pointer.includes('*')) continue
    let here: unknown = neutral
    for (const step of pointer.slice(1).split('/')) here = (here as Record<string, unknown> | undefined)?.[step]
    expect({ [pointer]: here ?? '<absent>' }).toEqual({ [pointer]: value })
  }
}

function compareTable(step: Step, target: Target, stored: ReadonlyMap<string, KubeObject>): void {
  const body = step.expect?.body ?? {}
  const columns = builtinColumns(target.group, target.kind)
  const wanted = body['/columnDefinitions'] ?? body['columnDefinitions']
  const named = (columns?.includesName ? [] : ['Name']).concat(columns?.definitions.map(column => column.name) ?? [])
  if (columns !== undefined && Array.isArray(wanted)) {
    expect(named).toEqual((wanted as { name: string }[]).map(column => column.name))
    const types = columns.definitions.map(({ name, type, priority }) => ({ name, type, priority: priority ?? 0 }))
    expect((wanted as object[]).slice(named.length - types.length)).toMatchObject(types)
  }
  const rows = body['/rows/*/cells'] as unknown[][] | undefined
  if (columns === undefined || rows === undefined || columns.includesName) return
  const objects = [...stored].filter(([path]) => path.startsWith(step.path)).map(([, object]) => object)
  rows.forEach((row, i) => {
    if (objects[i] === undefined) return
    const cells = columns.cells(objects[i], new Date()).map((cell, j) => (named[j + 1] === 'Age' ? '<age>' : cell))
    const neutral = row.slice(1).map(cell => (typeof cell === 'string' ? cell.replace('<uid-1>', 'uid-1') : cell))
    expect(cells).toEqual(neutral)
  })
}
